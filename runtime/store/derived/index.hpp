// The stream index: which positions a stream's versions have. Derived: it can be deleted, and trails the log.
// Also keeps snapshots of streams, and the checkpoints of those who follow the log. One contract for lmdb_index and memory_index.
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

/// Positions of consecutive versions of one stream, from `first` on. Refers to what belongs to the caller.
struct stream_run {
  std::string_view stream;
  version first = 1;
  std::span<const position> positions;
};

struct named_checkpoint {
  std::string name;
  position at = 0;
};

/// The position something derived is true for, and the checksum of the record there (0 at position 0).
struct derived_mark {
  position at = 0;
  std::uint64_t checksum = 0;
};

/// The state of an aggregate as a stream's record of this version left it.
struct snapshot {
  std::string stream;
  annals::version version = 0;
  position at = 0;             ///< of that record
  std::uint64_t checksum = 0;  ///< its own
  std::uint64_t shape = 0;     ///< of the state, and of the events it is a fold of: detail::shape_of_state()
  std::string state;
};

/// What is damaged or missing in it is store_failed (store/derived/index_damage.hpp) for who asks, never less than there was.
/// flush(), keep_snapshots() and keep_parked() belong to one thread; the others may be called from any.
class index {
public:
  virtual ~index() = default;

  /// Up to where the index is written.
  virtual derived_mark mark() const = 0;

  /// It contradicts the log, as `why` says: the next start builds it again.
  virtual void note_damage(const error& why) const { (void)why; }

  /// Writes runs (sorted by stream, then first version) and checkpoints, and moves the mark, in one transaction.
  /// On an error nothing is changed, and the same flush may be tried again. What is there of a run already has to be the
  /// same; a run that leaves a gap or says something else is store_failed: the index is damaged, or of another log.
  virtual result<void> flush(std::span<const stream_run> runs, std::span<const named_checkpoint> checkpoints,
                             derived_mark mark) = 0;

  /// Appends to `out` the positions of versions `from`, `from`+1 … of the stream, at most `max`.
  virtual result<void> positions(std::string_view stream, version from, std::size_t max,
                                 std::vector<position>& out) const = 0;

  /// Visits the indexed streams that begin with `prefix` and come after `after`, in byte order, with their last indexed
  /// version; in one transaction.
  virtual result<void> streams(std::string_view prefix, std::string_view after,
                               const std::function<bool(std::string_view, version)>& visit) const = 0;

  /// Visits the runs that begin at or behind this version of this stream, by stream and version, in one transaction.
  virtual result<void> runs(std::string_view stream, version from,
                            const std::function<bool(const stream_run&)>& visit) const = 0;

  /// Writes them in one transaction, and of each stream keeps the newest `kept`. As flush() on an error.
  virtual result<void> keep_snapshots(std::span<const snapshot> taken, std::size_t kept) = 0;

  /// The newest snapshot of the stream at or below this version. A damaged one is `corrupt_record`, with its version as
  /// the place, below which the next one may be asked for.
  virtual result<std::optional<snapshot>> snapshot_of(std::string_view stream, version newest) const = 0;

  /// Visits all of them, by stream and version; damaged ones without state.
  virtual result<void> snapshots(const std::function<bool(const snapshot&)>& visit) const = 0;

  /// What a projection has parked now, in place of what it had before; for those who look from outside.
  virtual result<void> keep_parked(std::string_view name, std::span<const parked_event> all) = 0;
  /// Visits what keep_parked() has kept, by name and position. The views end with the call.
  virtual result<void> parked(const std::function<bool(std::string_view name, const parked_event&)>& visit) const = 0;

  /// 0 when there is none.
  virtual position checkpoint(std::string_view name) const = 0;
  /// All there are, by name.
  virtual result<std::vector<named_checkpoint>> checkpoints() const = 0;
};

}  // namespace annals::store
