#include "store/statistics.hpp"

#include "store/log/subscription_table.hpp"
#include "store/read/scan.hpp"

#include <algorithm>
#include <map>
#include <tuple>

namespace annals::store {
namespace {

/// Counts by category. A stream has as many records as its newest version says, so the log is not read for it.
result<void> count_streams(const opened& from, store_stats& into) {
  std::map<std::string, category_stats, std::less<>> found;
  auto ok = scan_streams(*from.log, from.derived.get(), "", [&](std::string_view stream, version newest) {
    const auto category = stream.substr(0, stream.find('-'));
    auto here = found.find(category);
    if (here == found.end()) here = found.emplace(category, category_stats{std::string{category}}).first;
    ++here->second.streams;
    here->second.records += newest;
    ++into.streams;
    return true;
  });
  for (auto& [name, one] : found) into.categories.push_back(std::move(one));
  return ok;
}

result<derived_stats> look_at(const derived_store& derived, const images& models, figures which) {
  derived_stats seen;
  seen.indexed = derived.mark().at;
  for (auto& one : models.heads()) seen.images.push_back({std::move(one.model), one.mark.at, 0, one.bytes});
  std::sort(seen.images.begin(), seen.images.end(),
            [](const image_stats& a, const image_stats& b) { return std::tie(a.projection, a.at) < std::tie(b.projection, b.at); });
  const auto count = [&](const snapshot& one) {
    ++seen.snapshots;
    seen.snapshot_bytes += one.state.size();
    return true;
  };
  auto ok = which == figures::all ? derived.snapshots(count) : result<void>{};
  if (!ok) return std::move(ok).error();
  ok = derived.parked([&](std::string_view, const parked_event&) { return ++seen.parked, true; });
  if (!ok) return std::move(ok).error();
  auto checkpoints = derived.checkpoints();
  if (!checkpoints) return std::move(checkpoints).error();
  for (auto& one : *checkpoints) seen.followers.push_back({std::move(one.name), one.at});
  return seen;
}

}  // namespace

std::uint64_t bytes_in(const anchored_path& directory) {
  std::uint64_t sum = 0;
  if (const auto names = directory.names())
    for (const auto& name : *names) sum += (directory / name).bytes();
  return sum;
}

result<store_stats> statistics_of(const opened& from, figures which) {
  store_stats seen;
  seen.store_id = from.log->identity().store_id;
  // Reads derived state, then the readable head, then the durable one, so that none appears to be ahead of the next.
  if (from.derived) {
    auto derived = look_at(*from.derived, *from.images, which);
    if (!derived) return std::move(derived).error();
    seen.derived = std::move(*derived);
  } else
    seen.why_no_derived = from.why_no_derived;
  if (auto ok = which == figures::all ? count_streams(from, seen) : result<void>{}; !ok) return std::move(ok).error();
  auto subscriptions = all_subscriptions(*from.log);
  if (!subscriptions) return std::move(subscriptions).error();
  for (auto& one : *subscriptions) seen.subscriptions.push_back({std::move(one.name), one.entry.low, 0, one.parked});
  seen.readable = from.log->readable();
  seen.durable = from.log->durable();
  for (auto& one : seen.subscriptions) one.lag = seen.readable - std::min(one.at, seen.readable);
  if (seen.derived) {
    for (auto& one : seen.derived->followers) one.lag = seen.readable - std::min(one.at, seen.readable);
    for (auto& one : seen.derived->images) one.lag = seen.readable - std::min(one.at, seen.readable);
  }
  seen.log_bytes = (from.where / "log" / "data.mdb").bytes();
  seen.front_bytes = (from.where / "log" / "front").bytes();
  seen.derived_bytes = (from.where / "derived" / "data.mdb").bytes() + bytes_in(from.where / "derived" / "images");
  return seen;
}

}  // namespace annals::store
