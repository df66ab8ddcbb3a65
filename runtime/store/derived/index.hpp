// The index (the derived store): above all the stream index, which maps a stream's versions to positions. It also keeps
// snapshots of streams, parked events, and the checkpoints of those that follow the log. It is derived: it may lag behind the
// log, and can be deleted. One contract for lmdb_index and memory_index.
#pragma once

#include <annals/parked.hpp>
#include <annals/receipt.hpp>
#include <annals/result.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace annals::store {

/// Positions of consecutive versions of one stream, from `first` on. The views refer to memory of the caller.
struct stream_run {
  std::string_view stream;
  version first = 1;
  std::span<const position> positions;
};

struct named_checkpoint {
  std::string name;
  position at = 0;
};

/// Up to which position derived data is valid, and the checksum of the record there (0 at position 0).
struct derived_mark {
  position at = 0;
  std::uint64_t checksum = 0;
};

/// The state of an aggregate after the record of this version.
struct snapshot {
  std::string stream;
  annals::version version = 0;
  position at = 0;             ///< of that record
  std::uint64_t checksum = 0;  ///< of that record
  std::uint64_t shape = 0;     ///< of the state and the events it is folded from: detail::shape_of_state()
  std::string state;
};

/// If the index is damaged or incomplete, lookups fail with store_failed (store/derived/index_damage.hpp); they never return
/// fewer entries than were written. mark() and checkpoint(), which cannot fail, return 0 then. One thread calls flush(),
/// keep_snapshots() and keep_parked(); the others may be called from any.
class index {
public:
  virtual ~index() = default;

  /// How far the index is written.
  virtual derived_mark mark() const = 0;

  /// Notes that the index contradicts the log, as `why` says: the next start rebuilds it.
  virtual void note_damage(const error& why) const { (void)why; }

  /// Writes runs (sorted by stream, then first version) and checkpoints, and moves the mark, in one transaction. On an error
  /// nothing changes, and the caller may try the same flush again. Positions that the index has already must be the same; a
  /// run that leaves a gap or differs is store_failed: the index is damaged, or of another log.
  virtual result<void> flush(std::span<const stream_run> runs, std::span<const named_checkpoint> checkpoints,
                             derived_mark mark) = 0;

  /// Appends to `out` the positions of the stream's versions `from`, `from`+1 …, at most `max`.
  virtual result<void> positions(std::string_view stream, version from, std::size_t max,
                                 std::vector<position>& out) const = 0;

  /// Visits the indexed streams that begin with `prefix` and come after `after`, in byte order, with their last indexed
  /// version, in one transaction.
  virtual result<void> streams(std::string_view prefix, std::string_view after,
                               const std::function<bool(std::string_view, version)>& visit) const = 0;

  /// Visits all runs from this version of this stream on, including those of later streams, sorted by stream and version, in one transaction.
  virtual result<void> runs(std::string_view stream, version from,
                            const std::function<bool(const stream_run&)>& visit) const = 0;

  /// Writes the snapshots in one transaction, and keeps the newest `kept` of each stream. On an error as flush().
  virtual result<void> keep_snapshots(std::span<const snapshot> taken, std::size_t kept) = 0;

  /// The newest snapshot of the stream at or before this version. A damaged one is `corrupt_record` with its version as the
  /// place; the caller may then ask for an older one.
  virtual result<std::optional<snapshot>> snapshot_of(std::string_view stream, version newest) const = 0;

  /// Visits all snapshots, sorted by stream and version; damaged ones come without state.
  virtual result<void> snapshots(const std::function<bool(const snapshot&)>& visit) const = 0;

  /// Replaces the list of events that a projection or a process manager has parked; for readers outside the runtime.
  virtual result<void> keep_parked(std::string_view name, std::span<const parked_event> all) = 0;
  /// Visits what keep_parked() has written, sorted by name and position. The views are valid only during the call.
  virtual result<void> parked(const std::function<bool(std::string_view name, const parked_event&)>& visit) const = 0;

  /// 0 if there is none.
  virtual position checkpoint(std::string_view name) const = 0;
  /// All checkpoints, sorted by name.
  virtual result<std::vector<named_checkpoint>> checkpoints() const = 0;
};

}  // namespace annals::store
