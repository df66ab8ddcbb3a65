#include "store/inspect/verify_derived.hpp"

#include "store/read/scan.hpp"

#include <algorithm>

namespace annals::store {
namespace {

constexpr std::size_t part_runs = 1'000;         // in one transaction
constexpr std::size_t part_positions = 100'000;  // likewise

std::string named(std::string_view stream, version at) { return "version " + std::to_string(at) + " of stream " + std::string{stream}; }

error wrong_index(std::string what, position place) {
  return {errc::store_failed, "the stream index contradicts the log", std::move(what) + "; delete derived/", 0, place};
}
error wrong_place(const std::string& what, std::string how, position place) {
  return {errc::store_failed, "derived state contradicts the log", what + " " + std::move(how) + "; delete derived/", 0, place};
}
error ahead(std::string what, position place) { return {errc::derived_ahead, "derived state is ahead of the log", std::move(what), 0, place}; }

}  // namespace

result<void> derived_check::begin() {
  mark_ = derived_->mark();
  auto checkpoints = derived_->checkpoints();
  if (!checkpoints) return std::move(checkpoints).error();
  checkpoints_ = std::move(*checkpoints);
  auto ok = derived_->snapshots([&](const snapshot& one) {
    // A damaged snapshot has no position; loading ignores it, too.
    if (one.at == 0) return ++damaged_, true;
    ++snapshots_;
    taken_.push_back({one.at, one.checksum, one.version, one.stream});
    return true;
  });
  if (!ok) return ok;
  if (images_) {
    auto checked = images_->check();
    if (!checked) return std::move(checked).error();
    models_damaged_ = checked->damaged;
    models_ = checked->good.size();
    for (auto& one : checked->good) taken_.push_back({one.mark.at, one.mark.checksum, 0, std::move(one.model)});
  }
  std::sort(taken_.begin(), taken_.end(), [](const taken& a, const taken& b) { return a.at < b.at; });
  while (next_taken_ < taken_.size() && taken_[next_taken_].at == 0) ++next_taken_;  // an image from before the first record
  return {};
}

std::string derived_check::taken::name() const { return version == 0 ? "the image of " + of : "the snapshot of " + named(of, version); }

std::optional<error> derived_check::compare(const taken& one, const record_view& record) const {
  if (one.version != 0 && (one.of != record.stream || one.version != record.version))
    return wrong_place(one.name(), "names position " + std::to_string(record.at) + ", where the log has " + named(record.stream, record.version),
                       record.at);
  if (one.checksum != record.checksum)
    return wrong_place(one.name(), "was taken of another record than that at position " + std::to_string(record.at), record.at);
  return std::nullopt;
}

std::optional<error> derived_check::take(const record_view& record, seen_stream& stream) {
  if (record.at <= mark_.at) stream.positions = seen_stream::with(stream.positions, record.at);
  if (record.at == mark_.at && record.checksum != mark_.checksum)
    return wrong_index("the log has another record at the index's mark, position " + std::to_string(record.at), record.at);
  for (; next_taken_ < taken_.size() && taken_[next_taken_].at == record.at; ++next_taken_)
    if (auto wrong = compare(taken_[next_taken_], record)) return wrong;
  return std::nullopt;
}

result<void> derived_check::end(position head, seen_streams& streams, verified& seen) {
  const auto place = head + 1;
  if (mark_.at > head) return ahead("the stream index is at position " + std::to_string(mark_.at), place);
  for (const auto& one : checkpoints_)
    if (one.at > head) return ahead("the checkpoint of " + one.name + " is at position " + std::to_string(one.at), place);
  if (next_taken_ < taken_.size()) return ahead(taken_[next_taken_].name() + " is at position " + std::to_string(taken_[next_taken_].at), place);
  seen.snapshots = snapshots_;
  seen.images = models_;
  seen.images_damaged = models_damaged_;
  seen.snapshots_damaged = damaged_;
  seen.checkpoints = checkpoints_.size();
  return compare_index(streams, seen);
}

result<void> derived_check::compare_index(seen_streams& streams, verified& seen) {
  version from = 0;
  for (bool more = true; more;) {
    more = false;
    std::optional<error> wrong;
    std::size_t runs = 0, positions = 0;
    const auto begin = stream_;
    auto ok = derived_->runs(begin, from, [&](const stream_run& run) {
      wrong = take_run(run, streams, seen);
      from = run.first + 1;
      positions += run.positions.size();
      more = !wrong && (++runs >= part_runs || positions >= part_positions);
      return !wrong && !more;
    });
    if (wrong) return std::move(*wrong);
    unreadable_ = !ok;
    if (!ok) return ok;
    if (ok = look_up_newer(); !ok) return ok;
  }
  if (auto wrong = end_stream(streams)) return std::move(*wrong);
  const std::string* missing = nullptr;  // the first in byte order, so that the same store gives the same answer
  for (const auto& [name, stream] : streams)
    if (stream.positions != seen_stream::no_positions && !stream.indexed && (!missing || name < *missing)) missing = &name;
  if (missing) return first_difference(*missing);
  return {};
}

std::optional<error> derived_check::take_run(const stream_run& run, seen_streams& streams, verified& seen) {
  if (run.stream != stream_) {
    if (auto wrong = end_stream(streams)) return wrong;
    stream_ = run.stream;
    next_ = 1;
    last_ = 0;
    positions_ = seen_stream::no_positions;
  }
  if (run.first > next_) return wrong_index("the index lacks " + named(stream_, next_), last_);
  for (const auto at : run.positions) {
    const auto here = next_++;
    if (at <= last_)
      return wrong_index("the index has " + named(stream_, here) + " at position " + std::to_string(at) + ", not after the previous version", at);
    last_ = at;
    if (at <= mark_.at) {
      positions_ = seen_stream::with(positions_, at);
      ++seen.indexed;
    } else
      newer_.push_back({at, stream_, here});
  }
  return std::nullopt;
}

/// Checks that the index has the same positions of the stream, up to the mark, as the log.
std::optional<error> derived_check::end_stream(seen_streams& streams) {
  if (positions_ == seen_stream::no_positions) return std::nullopt;
  const auto found = streams.find(stream_);
  if (found == streams.end() || found->second.positions != positions_) return first_difference(stream_);
  found->second.indexed = true;
  return std::nullopt;
}

/// The index may be written beyond its mark, and while the log was read, but never beyond what is readable.
result<void> derived_check::look_up_newer() {
  std::sort(newer_.begin(), newer_.end(), [](const auto& a, const auto& b) { return a.at < b.at; });
  const auto head = log_->readable();
  std::vector<position> at;
  at.reserve(newer_.size());
  for (const auto& one : newer_) at.push_back(one.at);
  if (!at.empty() && at.back() > head)
    return ahead("the stream index has " + named(newer_.back().stream, newer_.back().version) + " at position " + std::to_string(at.back()),
                 head + 1);
  std::optional<error> wrong;
  auto next = newer_.begin();
  auto ok = log_->read_at(at, [&](const record_view& record) {
    if (record.stream != next->stream || record.version != next->version)
      wrong = wrong_index("the index has " + named(next->stream, next->version) + " at position " + std::to_string(record.at) +
                              ", where the log has " + named(record.stream, record.version),
                          record.at);
    ++next;
    return !wrong;
  });
  newer_.clear();
  if (wrong) return std::move(*wrong);
  return ok;
}

/// Reads the stream in the log, up to the mark, and compares it with the index.
error derived_check::first_difference(const std::string& stream) {
  std::vector<position> positions;
  if (auto ok = derived_->positions(stream, 1, ~std::size_t{0}, positions); !ok) return unreadable_ = true, std::move(ok).error();
  version in_log = 0;
  std::optional<error> found;
  auto ok = scan(*log_, 1, [&](const record_view& record) {
    if (record.at > mark_.at || found) return false;
    if (record.stream != stream) return true;
    ++in_log;
    if (in_log > positions.size())
      found = wrong_index("the index lacks " + named(stream, in_log) + ", which is at position " + std::to_string(record.at), record.at);
    else if (const auto at = positions[in_log - 1]; at != record.at)
      found = wrong_index(
          "the index has " + named(stream, in_log) + " at position " + std::to_string(at) + ", the log at position " + std::to_string(record.at),
          record.at);
    return true;
  });
  if (found) return std::move(*found);
  if (!ok) return std::move(ok).error();
  const auto at = in_log < positions.size() ? positions[in_log] : 0;
  return wrong_index("the index has " + named(stream, in_log + 1) + " at position " + std::to_string(at) + ", and the log has no such event", at);
}

}  // namespace annals::store
