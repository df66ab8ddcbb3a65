#include "store/read/past_state.hpp"

#include "store/read/scan.hpp"

namespace annals::store {
namespace {

/// What the log has at the snapshot's position, and whether that is the record it was taken after.
struct taken_of {
  bool is_ours = false;
  bool is_past = false;
  timestamp time = 0;
};

result<taken_of> look_at(const log& source, const snapshot& taken, const as_of& when) {
  taken_of seen;
  if (taken.at == 0 || taken.at > source.readable()) return seen;
  const position one[] = {taken.at};
  auto ok = source.read_at(one, [&](const record_view& record) {
    seen.is_ours = record.checksum == taken.checksum && record.stream == taken.stream && record.version == taken.version;
    seen.is_past = !when.has(record);
    seen.time = record.time;
    return true;
  });
  if (!ok) return std::move(ok).error();
  return seen;
}

}  // namespace

result<begun_state> begin_with_snapshot(const state_sources& from, const std::string& stream, const detail::aggregate_table& type,
                                        const as_of& when) {
  auto newest = when.version.value_or(~annals::version{0});
  while (from.snapshots && type.has_snapshots() && newest > 0) {
    const auto found = from.snapshots->snapshot_of(stream, newest);
    if (!found && found.error().code != errc::corrupt_record) return found.error();
    if (found && !*found) break;
    newest = (found ? (*found)->version : found.error().place) - 1;
    std::string bad;
    if (!found)
      bad = found.error().message();
    else if ((*found)->shape != type.shape)
      bad = "the state has another shape";
    else {
      const auto seen = look_at(*from.log, **found, when);
      if (!seen) return seen.error();
      if (seen->is_ours && seen->is_past) continue;
      begun_state begun{type.make(), (*found)->version, (*found)->at, seen->time};
      if (!seen->is_ours)
        bad = "the log has another record at that position";
      else if (auto ok = begun.state->restore((*found)->state); !ok)
        bad = ok.error().message();
      else
        return begun;
    }
    if (from.warn) from.warn("the snapshot of version " + std::to_string(newest + 1) + " of " + stream + " is ignored: " + bad);
  }
  return begun_state{type.make()};
}

result<void> read_stream(const state_sources& from, const std::string& stream, version first, std::size_t max, const record_visitor& visit) {
  if (max == 0) return {};
  if (from.tail) return from.tail->read_on(stream, first, max, visit);
  return scan_stream(*from.log, from.index, stream, first, [&](const record_view& record) { return visit(record) && --max > 0; });
}

result<begun_state> state_at(const state_sources& from, const std::string& stream, const detail::aggregate_table& type, const as_of& when) {
  auto begun = begin_with_snapshot(from, stream, type, when);
  return begun ? state_from(from, stream, std::move(*begun), when) : std::move(begun);
}

result<begun_state> state_from(const state_sources& from, const std::string& stream, begun_state so_far, const as_of& when) {
  std::optional<error> wrong;
  auto ok = read_stream(from, stream, so_far.version + 1, ~std::size_t{0}, [&](const record_view& record) {
    if (!when.has(record)) return false;
    if (auto applied = so_far.state->apply(record); !applied) {
      wrong = applied.error();
      return false;
    }
    so_far.version = record.version;
    so_far.at = record.at;
    so_far.time = record.time;
    return true;
  });
  if (wrong) return std::move(*wrong);
  if (!ok) return std::move(ok).error();
  return so_far;
}

}  // namespace annals::store
