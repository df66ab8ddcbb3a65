// The table "runs" of the stream index. LMDB 0.9 has no checksums of its own, and a stream that seems to end too early would
// be written on with versions that it has already: so each entry is checked, and compared with the one before it.
//
//   stream · 0x00 · first version (u64, big-endian) → checksum:u64 (position:u64)*   of consecutive versions
//   stream · 0x00 · 0xff (8 times)                  → checksum:u64 last version:u64 next:u64   the stream's end
//
// The checksum is XXH3, 64 bits, of the key and what is behind it. Runs follow each other without gap or overlap up to the
// end. `next` is the XXH3 hash of the name of the stream that comes behind in the table, 0 behind the last one; an end
// without a name comes before the first. So a stream that is not there is known not to be there by the end before it.
#pragma once

#include "store/derived/index.hpp"
#include "store/lmdb/lmdb.hpp"
#include "store/os/anchored_path.hpp"

#include <atomic>

namespace annals::store {

class run_table {
public:
  /// Where damage is noted; empty: nowhere.
  explicit run_table(anchored_path note = {}) : note_(std::move(note)) {}

  MDB_dbi* handle() { return &db_; }
  /// Writes what an empty table begins with. LMDB's code.
  int begin(MDB_txn* txn) const;

  result<void> write(write_transaction& txn, std::span<const stream_run> runs) const;
  result<void> positions(table_cursor& c, std::string_view stream, version from, std::size_t max, std::vector<position>& out) const;
  result<void> streams(table_cursor& c, std::string_view prefix, std::string_view after,
                       const std::function<bool(std::string_view, version)>& visit) const;
  result<void> runs(table_cursor& c, std::string_view stream, version from, const std::function<bool(const stream_run&)>& visit) const;

  /// Says that the index is damaged, and notes it.
  error damaged(std::string what) const;
  /// False when it cannot be noted.
  bool note(const error& why) const;

private:
  class walk;
  result<void> write(write_transaction& txn, MDB_cursor* c, const stream_run& run) const;
  result<void> compare(table_cursor& c, const stream_run& run, std::size_t many) const;
  error failed(int code, const std::string& what) const;
  error contradicts(std::string what, position place) const;

  MDB_dbi db_ = 0;
  anchored_path note_;
  mutable std::atomic<bool> noted_ = false;
};

}  // namespace annals::store
