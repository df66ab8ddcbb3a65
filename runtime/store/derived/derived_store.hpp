// The derived store: the tables that are derived from the log, in one place, written together. It may lag behind the log, and can
// be deleted. A user that reads one table takes that table's interface. One contract for lmdb_derived_store and
// memory_derived_store.
#pragma once

#include "store/derived/checkpoint_table.hpp"
#include "store/derived/parked_table.hpp"
#include "store/derived/snapshot_table.hpp"
#include "store/derived/stream_index.hpp"
#include "store/lmdb/usage.hpp"

#include <annals/result.hpp>

#include <span>

namespace annals::store {

/// One thread, the index writer, calls flush(), write_snapshots() and write_parked().
class derived_store : public stream_index, public snapshot_table, public parked_table, public checkpoint_table {
public:
  /// Writes runs (sorted by stream, then first version) and checkpoints, and moves the mark, in one transaction. On an error
  /// nothing changes, and the caller may try the same flush again. Positions that the index has already must be the same; a
  /// run that leaves a gap or differs is store_failed: the index is damaged, or of another log.
  virtual result<void> flush(std::span<const stream_run> runs, std::span<const named_checkpoint> checkpoints, derived_mark mark) = 0;

  /// How much of its file is in use; all 0 if it has none. May wait for the disk.
  virtual environment_usage usage() const { return {}; }
};

}  // namespace annals::store
