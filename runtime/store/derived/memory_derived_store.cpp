#include "store/derived/memory_derived_store.hpp"

#include "store/derived/index_damage.hpp"

#include <algorithm>

namespace annals::store {
namespace {

bool continues(const std::vector<position>& known, const stream_run& run) {
  if (run.first == 0 || run.first > known.size() + 1) return false;
  const auto both = std::min(known.size() + 1 - run.first, run.positions.size());
  return std::equal(run.positions.begin(), run.positions.begin() + static_cast<std::ptrdiff_t>(both),
                    known.begin() + static_cast<std::ptrdiff_t>(run.first - 1));
}

}  // namespace

result<void> memory_derived_store::flush(std::span<const stream_run> runs, std::span<const named_checkpoint> checkpoints, derived_mark mark) {
  const std::lock_guard lock{mutex_};
  if (failing_flushes > 0) {
    --failing_flushes;
    return error{errc::store_failed, "simulated: the index cannot be written"};
  }
  runs_at_once = std::max<std::size_t>(runs_at_once, runs.size());
  std::vector<std::pair<std::vector<position>*, std::size_t>> before;
  for (const auto& run : runs) {
    auto& stream = disk_->streams[std::string{run.stream}];
    before.emplace_back(&stream, stream.size());
    if (!continues(stream, run)) {
      for (auto i = before.rbegin(); i != before.rend(); ++i) i->first->resize(i->second);
      std::erase_if(disk_->streams, [](const auto& entry) { return entry.second.empty(); });
      ++contradictions;
      return index_damage("the index of stream " + std::string{run.stream} + " does not continue with version " + std::to_string(run.first));
    }
    const auto known = std::min(stream.size() + 1 - run.first, run.positions.size());
    stream.insert(stream.end(), run.positions.begin() + static_cast<std::ptrdiff_t>(known), run.positions.end());
  }
  for (const auto& c : checkpoints) disk_->checkpoints[c.name] = c.at;
  disk_->mark = mark;
  return {};
}

result<void> memory_derived_store::positions(std::string_view stream, version from, std::size_t max, std::vector<position>& out) const {
  const std::lock_guard lock{mutex_};
  const auto found = disk_->streams.find(stream);
  if (found == disk_->streams.end()) return {};
  for (auto v = std::max<version>(from, 1); v <= found->second.size() && max > 0; ++v, --max) out.push_back(found->second[v - 1]);
  return {};
}

result<void> memory_derived_store::streams(std::string_view prefix, std::string_view after,
                                           const std::function<bool(std::string_view, version)>& visit) const {
  const std::lock_guard lock{mutex_};
  auto i = after < prefix ? disk_->streams.lower_bound(prefix) : disk_->streams.upper_bound(after);
  for (; i != disk_->streams.end() && i->first.starts_with(prefix); ++i)
    if (!visit(i->first, i->second.size())) break;
  return {};
}

result<void> memory_derived_store::runs(std::string_view stream, version from, const std::function<bool(const stream_run&)>& visit) const {
  const std::lock_guard lock{mutex_};
  for (auto i = disk_->streams.lower_bound(stream); i != disk_->streams.end(); ++i)
    if ((i->first != stream || from <= 1) && !visit({i->first, 1, i->second})) break;
  return {};
}

result<void> memory_derived_store::write_snapshots(std::span<const snapshot> taken, std::size_t kept) {
  const std::lock_guard lock{mutex_};
  if (failing_flushes > 0) {
    --failing_flushes;
    return error{errc::store_failed, "simulated: snapshots cannot be written"};
  }
  auto& all = disk_->snapshots;
  for (const auto& one : taken) {
    all.insert_or_assign({one.stream, one.version}, one);
    const auto first = all.lower_bound({one.stream, 0});
    const auto end = all.lower_bound({one.stream, ~version{0}});
    if (const auto count = static_cast<std::size_t>(std::distance(first, end)); count > kept)
      all.erase(first, std::next(first, static_cast<std::ptrdiff_t>(count - kept)));
  }
  return {};
}

result<std::optional<snapshot>> memory_derived_store::snapshot_of(std::string_view stream, version newest) const {
  const std::lock_guard lock{mutex_};
  auto found = disk_->snapshots.upper_bound({std::string{stream}, newest});
  if (found == disk_->snapshots.begin() || (--found)->first.first != stream) return std::optional<snapshot>{};
  return std::optional{found->second};
}

result<void> memory_derived_store::snapshots(const std::function<bool(const snapshot&)>& visit) const {
  const std::lock_guard lock{mutex_};
  for (const auto& [key, one] : disk_->snapshots)
    if (!visit(one)) break;
  return {};
}

derived_mark memory_derived_store::mark() const {
  const std::lock_guard lock{mutex_};
  return disk_->mark;
}

position memory_derived_store::checkpoint(std::string_view name) const {
  const std::lock_guard lock{mutex_};
  const auto found = disk_->checkpoints.find(name);
  return found == disk_->checkpoints.end() ? 0 : found->second;
}

result<void> memory_derived_store::write_parked(std::string_view name, std::span<const parked_event> all) {
  const std::lock_guard lock{mutex_};
  if (failing_flushes > 0) {
    --failing_flushes;
    return error{errc::store_failed, "simulated: parked events cannot be written"};
  }
  disk_->parked[std::string{name}].assign(all.begin(), all.end());
  return {};
}

result<void> memory_derived_store::parked(const std::function<bool(std::string_view, const parked_event&)>& visit) const {
  const std::lock_guard lock{mutex_};
  for (const auto& [name, all] : disk_->parked)
    for (const auto& one : all)
      if (!visit(name, one)) return {};
  return {};
}

result<std::vector<named_checkpoint>> memory_derived_store::checkpoints() const {
  const std::lock_guard lock{mutex_};
  std::vector<named_checkpoint> all;
  for (const auto& [name, at] : disk_->checkpoints) all.push_back({name, at});
  return all;
}

}  // namespace annals::store
