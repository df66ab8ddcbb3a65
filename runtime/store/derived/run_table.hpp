// The table "runs" of the stream index. LMDB 0.9 has no checksums of its own, and if a stream seemed to end too early, the
// writer would assign versions that exist already. So each entry is checked, and compared with the one before it.
//
//   stream · 0x00 · first version (u64, big-endian) → checksum:u64 (position:u64)*   of consecutive versions
//   stream · 0x00 · 0xff (8 times)                  → checksum:u64 last version:u64 next:u64   the stream's end
//
// The checksum is XXH3, 64 bits, of the key and everything after the checksum. Runs follow each other without gap or overlap
// up to the end. `next` is the XXH3 hash of the name of the stream that follows in the table, 0 after the last one; an end
// without a name precedes the first stream. So the end before a missing stream proves that the stream is not there.
#pragma once

#include "store/derived/stream_index.hpp"
#include "store/lmdb/lmdb.hpp"
#include "store/os/anchored_path.hpp"

#include <atomic>

namespace annals::store {

class run_table {
public:
  /// `note` is the file that notes damage; empty: damage is not noted.
  explicit run_table(anchored_path note = {}) : note_(std::move(note)) {}

  MDB_dbi* handle() { return &db_; }
  /// Writes the first entry of an empty table. Returns LMDB's code.
  int begin(MDB_txn* txn) const;

  result<void> write(write_transaction& txn, std::span<const stream_run> runs) const;
  result<void> positions(table_cursor& c, std::string_view stream, version from, std::size_t max, std::vector<position>& out) const;
  result<void> streams(table_cursor& c, std::string_view prefix, std::string_view after,
                       const std::function<bool(std::string_view, version)>& visit) const;
  result<void> runs(table_cursor& c, std::string_view stream, version from, const std::function<bool(const stream_run&)>& visit) const;

  /// The error for a damaged index; also notes the damage.
  error damaged(std::string what) const;
  /// False if the damage cannot be noted.
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
