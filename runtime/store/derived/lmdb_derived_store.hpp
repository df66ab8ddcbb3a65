// The derived store on disk: an LMDB environment in <store>/derived. It can be deleted at any time.
//
//   runs         store/derived/run_table.hpp
//   snapshots    stream · 0x00 · version (u64, big-endian) → at:u64 checksum:u64 shape:u64 own checksum:u64 state
//   parked       projection · 0x00 · position (u64, big-endian) → a parked_event (annals/parked.hpp), encoded
//   checkpoints  name → position:u64 own checksum:u64
//   meta         "format" u32 · "store" 32 hex digits · "history" u64 · "mark" position:u64 checksum:u64 own checksum:u64
//
// Stream names have no control characters, so 0x00 ends them, and the entries of a stream are adjacent, in version order. The
// own checksum is XXH3, 64 bits, of the key, the numbers before it and the state.
//
// A writer that finds the stream index damaged writes what it found to the file "damaged" beside it: the next writable open drops
// derived state and rebuilds it.
#pragma once

#include "store/derived/derived_store.hpp"
#include "store/derived/run_table.hpp"
#include "store/lmdb/lmdb.hpp"
#include "store/log/log.hpp"

namespace annals::store {

/// The name of the file that notes damage.
constexpr const char* damage_note = "damaged";

class lmdb_derived_store final : public derived_store {
public:
  /// Opens the existing store if it belongs to this log; otherwise an error that says why it is unusable. State of a former history goes
  /// on if it is of the part that this one continues; a writable open makes it the present one's.
  static result<std::unique_ptr<lmdb_derived_store>> open(const std::filesystem::path& directory, const log_identity& of,
                                                          const environment_options& with);
  /// Creates a store in an empty directory.
  static result<std::unique_ptr<lmdb_derived_store>> create(const std::filesystem::path& directory, const log_identity& of,
                                                            const environment_options& with);

  derived_mark mark() const override;
  void note_damage(const error& why) const override { runs_.note(why); }
  environment_usage usage() const override { return usage_of(*env_); }
  result<void> flush(std::span<const stream_run> runs, std::span<const named_checkpoint> checkpoints, derived_mark mark) override;
  result<void> positions(std::string_view stream, version from, std::size_t max, std::vector<position>& out) const override;
  result<void> streams(std::string_view prefix, std::string_view after, const std::function<bool(std::string_view, version)>& visit) const override;
  result<void> runs(std::string_view stream, version from, const std::function<bool(const stream_run&)>& visit) const override;
  result<void> write_snapshots(std::span<const snapshot> taken, std::size_t kept) override;
  result<std::optional<snapshot>> snapshot_of(std::string_view stream, version newest) const override;
  result<void> snapshots(const std::function<bool(const snapshot&)>& visit) const override;
  result<void> write_parked(std::string_view name, std::span<const parked_event> all) override;
  result<void> parked(const std::function<bool(std::string_view, const parked_event&)>& visit) const override;
  position checkpoint(std::string_view name) const override;
  result<std::vector<named_checkpoint>> checkpoints() const override;

private:
  explicit lmdb_derived_store(anchored_path note) : runs_(std::move(note)) {}
  result<void> open_tables(bool create);
  /// A cursor in this transaction. Damage is noted.
  result<page_cursor> open_cursor(const read_transaction& txn, std::string_view table) const;
  /// The error for a code that a cursor returned. Damage is noted.
  error failed(int code, const table_cursor& c, std::string_view doing) const;
  /// Runs `change` and commits. If LMDB would meet damage, it is noted and nothing changes.
  result<void> write(const std::function<result<void>(write_transaction&)>& change);
  error not_written(int code) const;
  /// Returns whether the state is of the present history, not of a former one.
  result<bool> check(const log_identity& of) const;
  result<void> adopt(const log_identity& of);
  int expect_all(write_transaction& txn, std::string_view name) const;

  std::unique_ptr<lmdb_environment> env_;
  run_table runs_;
  MDB_dbi snapshots_ = 0;  // table handles, used by a writer only
  MDB_dbi parked_ = 0;
  MDB_dbi checkpoints_ = 0;
  MDB_dbi meta_ = 0;
};

}  // namespace annals::store
