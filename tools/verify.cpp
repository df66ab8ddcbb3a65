#include "tools/verify.hpp"

#include "config/hosted.hpp"
#include "tools/with_store.hpp"

#include <fmt/format.h>

namespace tools {
namespace {

std::string counted(std::uint64_t number) { return grouped(static_cast<std::int64_t>(number)); }

/// The exit status for damage that repairs itself: at the next start, or because nothing depends on it.
constexpr int heals = 3;

bool is_damaged(const annals::verified& seen) { return seen.snapshots_damaged > 0 || seen.images_damaged > 0 || seen.derived_damaged; }

std::string as_json(const annals::verified& seen, const std::optional<annals::replayed>& replayed) {
  auto text = fmt::format(R"({{"ok":{},"records":{},"streams":{},"payload_bytes":{})", !is_damaged(seen), seen.records, seen.streams, seen.bytes);
  if (seen.why_no_derived.empty())
    text += fmt::format(R"(,"derived":{{"indexed":{},"snapshots":{},"snapshots_damaged":{},"images":{},"images_damaged":{},"checkpoints":{}}})",
                        seen.indexed, seen.snapshots, seen.snapshots_damaged, seen.images, seen.images_damaged, seen.checkpoints);
  else
    text += fmt::format(R"(,"derived":null,"why_no_derived":{})", json_text(seen.why_no_derived));
  if (replayed)
    text += fmt::format(R"(,"replayed":{{"streams":{},"events":{},"snapshots":{},"left_out":{}}})", replayed->streams, replayed->events,
                        replayed->snapshots, replayed->left_out);
  return text + "}\n";
}

std::string as_text(const annals::verified& seen, const std::optional<annals::replayed>& replayed) {
  const auto* const verdict = is_damaged(seen) ? "the log is intact; derived state is damaged and will be rebuilt" : "all is well";
  auto text =
      fmt::format("{}: {} records in {} streams, {} bytes of payload\n", verdict, counted(seen.records), counted(seen.streams), counted(seen.bytes));
  if (seen.why_no_derived.empty())
    text += fmt::format("derived state agrees: {} records in the stream index, {} snapshots, {} images, {} checkpoints\n", counted(seen.indexed),
                        counted(seen.snapshots), counted(seen.images), counted(seen.checkpoints));
  else
    text += fmt::format("derived state is not verified; a start rebuilds it: {}\n", seen.why_no_derived);
  if (seen.snapshots_damaged > 0) text += fmt::format("{} more snapshots are damaged: loading ignores them\n", counted(seen.snapshots_damaged));
  if (seen.images_damaged > 0)
    text += fmt::format("{} more images are damaged: a start builds their models without them\n", counted(seen.images_damaged));
  if (replayed)
    text += fmt::format("replays give the same states: {} events of {} streams, {} snapshots; {} streams of unknown types left out\n",
                        counted(replayed->events), counted(replayed->streams), counted(replayed->snapshots), counted(replayed->left_out));
  return text;
}

}  // namespace

int verify(const std::filesystem::path& store, bool replay, bool json) {
  bool damaged = false;
  const int status = with_store(store, [&](const annals::store_view& view) -> annals::result<void> {
    const auto failed = [json](const annals::error& why) {
      if (json) fmt::print("{{\"ok\":false,\"position\":{},\"error\":{}}}\n", why.place, json_text(why.message()));
      return why;
    };
    const auto seen = view.verify();
    if (!seen) return failed(seen.error());
    std::optional<annals::replayed> replayed;
    if (replay) {
      const auto same = view.verify_replay(annals::config::hosted());
      if (!same) return failed(same.error());
      replayed = *same;
    }
    fmt::print("{}", json ? as_json(*seen, replayed) : as_text(*seen, replayed));
    damaged = is_damaged(*seen);
    return {};
  });
  return status == 0 && damaged ? heals : status;
}

}  // namespace tools
