#include "store/read/replay.hpp"

#include "store/read/scan.hpp"

#include <algorithm>
#include <vector>

namespace annals::store {
namespace {

/// One fold of a stream, from the start or from a snapshot; the latter begins at the snapshot's version.
struct fold {
  std::string name;
  std::unique_ptr<detail::hosted_state> state;  // null: not begun
  const snapshot* from = nullptr;
};

std::string place_of(const record_view& record) {
  return "event " + std::string{record.type} + ", version " + std::to_string(record.version) + " of " + std::string{record.stream} + ", position " +
         std::to_string(record.at);
}

error parted(const std::string& name, const record_view& record) {
  return {errc::not_deterministic, "a replay gives another state", name + " at " + place_of(record), 0, record.at};
}

class stream_replay {
public:
  stream_replay(const detail::aggregate_table& type, const std::vector<snapshot>& snapshots, bool after_each)
      : type_(&type), after_each_(after_each) {
    folds_.push_back({"the first replay", type.make(), nullptr});
    folds_.push_back({"the second replay", type.make(), nullptr});
    for (const auto& one : snapshots) folds_.push_back({"the replay from the snapshot of version " + std::to_string(one.version), nullptr, &one});
  }

  result<void> take(const record_view& record) {
    for (auto& f : folds_)
      if (f.state)
        if (auto ok = f.state->apply(record); !ok) return ok;
    for (auto& f : folds_)
      if (f.from && f.from->version == record.version)
        if (auto ok = begin(f, record); !ok) return ok;
    if (after_each_) return compare(record);
    return {};
  }

  /// Checks that all folds that have begun are at the same state.
  result<void> compare(const record_view& record) const {
    const auto first = folds_.front().state->saved();
    for (const auto& f : folds_)
      if (f.state && f.state->saved() != first) return parted(f.name, record);
    return {};
  }

private:
  result<void> begin(fold& f, const record_view& record) {
    const auto name = "the snapshot of version " + std::to_string(f.from->version);
    if (f.from->at != record.at || f.from->checksum != record.checksum)
      return error{errc::not_deterministic, name + " was taken of another record", place_of(record), 0, record.at};
    if (f.from->state != folds_.front().state->saved()) return parted(name, record);
    f.state = type_->make();
    return f.state->restore(f.from->state);
  }

  const detail::aggregate_table* type_;
  bool after_each_;
  std::vector<fold> folds_;
};

/// The stream's snapshots of the current shape; loading ignores others, too.
result<std::vector<snapshot>> snapshots_of(const snapshot_table* table, const std::string& stream, std::uint64_t shape) {
  std::vector<snapshot> all;
  for (auto newest = ~annals::version{0}; table && newest > 0;) {
    auto found = table->snapshot_of(stream, newest);
    if (!found && found.error().code != errc::corrupt_record) return std::move(found).error();
    if (found && !*found) break;
    newest = (found ? (*found)->version : found.error().place) - 1;
    if (found && (*found)->shape == shape) all.push_back(std::move(**found));
  }
  return all;
}

/// The place of a record, which outlives its view.
struct last_record {
  std::string stream, type;
  record_view view;

  void keep(const record_view& record) {
    stream = record.stream;
    type = record.type;
    view = {};
    view.stream = stream;
    view.type = type;
    view.version = record.version;
    view.at = record.at;
  }
};

result<std::uint64_t> replay(const log& source, const stream_index* index, const std::string& stream, const detail::aggregate_table& type,
                             const std::vector<snapshot>& snapshots, bool after_each) {
  stream_replay folds{type, snapshots, after_each};
  std::optional<error> wrong;
  last_record last;
  std::uint64_t events = 0;
  auto ok = scan_stream(source, index, stream, 1, [&](const record_view& record) {
    if (auto taken = folds.take(record); !taken) wrong = taken.error();
    last.keep(record);
    ++events;
    return !wrong;
  });
  if (wrong) return std::move(*wrong);
  if (!ok) return std::move(ok).error();
  if (events > 0)
    if (auto same = folds.compare(last.view); !same) return std::move(same).error();
  return events;
}

}  // namespace

result<replayed> replay_all(const log& source, const stream_index* index, const snapshot_table* snapshots, const find_aggregate& find) {
  replayed seen;
  std::optional<error> wrong;
  // Collects the streams first: their visit must not wait while their records are read.
  std::vector<std::string> streams;
  auto ok = scan_streams(source, index, "", [&](std::string_view stream, version) {
    streams.emplace_back(stream);
    return true;
  });
  if (!ok) return std::move(ok).error();
  for (const auto& stream : streams) {
    const auto* type = find(std::string_view{stream}.substr(0, stream.find('-')));
    if (!type || !type->has_snapshots()) {
      ++seen.left_out;
      continue;
    }
    const auto taken = snapshots_of(snapshots, stream, type->shape);
    if (!taken) return taken.error();
    auto events = replay(source, index, stream, *type, *taken, false);
    if (!events && events.error().code == errc::not_deterministic) {
      // The states differ. Replay again and compare after each event, to find the first one. The difference may not show again.
      const auto first = replay(source, index, stream, *type, *taken, true);
      return first ? std::move(events).error() : first.error();
    }
    if (!events) return std::move(events).error();
    ++seen.streams;
    seen.events += *events;
    seen.snapshots += taken->size();
  }
  return seen;
}

}  // namespace annals::store
