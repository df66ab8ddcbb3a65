// The LMDB part of the log on disk: an environment in <store>/log.
//
//   events    position:u64 (MDB_INTEGERKEY) → record (record.cpp has its grammar)
//   control   key → value; decisions of humans and subscribers, effects of projections
//   meta      "format" u32 · "store" 32 hex digits · "history" u64 · "generation" u64 · "former" (id:u64 fork:u64)*
//             · "front" at:u64 previous:u64: the place of the next batch in the front, and the checksum of the batch before it
//             · "backup" present in a copy, and in a replica, until its first writable open
#pragma once

#include "store/lmdb/leaf_table.hpp"
#include "store/lmdb/lmdb.hpp"
#include "store/log/front.hpp"
#include "store/log/log.hpp"

#include <atomic>

namespace annals::store {

struct log_options {
  std::uint64_t map_bytes;
  bool read_only = false;
  bool new_history = false;       ///< the caller accepted a loss
  bool generation_later = false;  ///< the caller has something to commit before its own generation begins
};

class lmdb_log final : public log {
public:
  /// Creates an empty log in this directory, which must be empty. Durable when it returns. Returns the store's id.
  static result<std::string> create(const std::filesystem::path& directory);
  /// The same for an empty copy of this log.
  static result<void> create_copy(const std::filesystem::path& directory, const log_identity& of);
  static result<std::unique_ptr<lmdb_log>> open(const std::filesystem::path& directory, const log_options& with);
  /// Part of a writable open: raises the generation durably. A restored backup, or an accepted loss, also gets a new history.
  result<void> begin_generation(bool new_history);
  /// Whether the next generation begins a new history in any case: the log is a backup that no writer has opened yet.
  bool is_restored() const { return restored_; }
  /// For a copy that follows its source: the source's history is another one by now, which continues the copy's. Durable.
  result<void> follow(const log_identity& source);
  /// Writes to the disk what a commit of an earlier process left in the page cache.
  result<void> sync() const;

  const log_identity& identity() const override { return identity_; }
  commit_outcome commit(position first, std::span<const std::string_view> records) override;
  commit_outcome drain(std::span<const control_entry> decided = {}) override;
  position durable() const override;
  position readable() const override;
  timestamp last_time() const override { return last_time_.load(std::memory_order_acquire); }
  void on_readable(std::function<void(position)> grown) override { grown_ = std::move(grown); }
  result<position> read(position from, const read_limits& limits, const record_visitor& visit) const override;
  result<void> read_at(std::span<const position> positions, const record_visitor& visit) const override;
  result<void> control(std::string_view prefix, const control_visitor& visit) const override;
  position after_damage(position at) const override;
  result<void> check_files() const override;
  environment_usage usage() const override { return usage_of(*env_); }
  result<void> backup(const std::filesystem::path& target) const override;

  /// Does commit(), stores the front's next place, and changes the control table, all in one transaction.
  commit_outcome take_over(position first, std::span<const std::string_view> records, const front::place& next,
                           std::span<const control_entry> decided = {});
  bool is_ours() const { return env_->is_ours(); }
  /// Whether the group may read the file; a copy of it gets the same mode.
  bool is_readable_by_group() const;
  /// The place in the front after what is committed.
  const front::place& next_in_front() const { return next_in_front_; }
  /// The head, the front's next place and the generation, as another process that writes has them now.
  struct end {
    position head = 0;
    front::place next_in_front;
    std::uint64_t generation = 0;
  };
  result<end> end_now() const;
  /// Makes a consistent copy in this directory, which must exist and be empty, and marks it as a backup. Does not sync it.
  result<void> copy_to(const std::filesystem::path& directory) const;

  /// The checksum of the record at this position; empty if there is none.
  std::optional<std::uint64_t> checksum_at(position at) const;

private:
  lmdb_log() = default;
  result<void> open_tables();
  result<void> read_identity();
  result<position> head_in(const read_transaction& txn) const;
  int expect(write_transaction& txn, std::span<const control_entry> decided) const;
  int put_all(MDB_txn* txn, position first, std::span<const std::string_view> records) const;
  int put_place(MDB_txn* txn, const front::place& next) const;
  int put_decided(MDB_txn* txn, std::span<const control_entry> decided) const;
  commit_outcome failed_commit(int code, std::size_t bytes);

  std::unique_ptr<lmdb_environment> env_;
  mutable leaf_table leaves_;  // of the table of events
  MDB_dbi events_ = 0;         // table handles, used by a writer only
  MDB_dbi control_ = 0;
  MDB_dbi meta_ = 0;
  log_identity identity_;
  front::place next_in_front_;
  std::atomic<position> head_{0};
  std::atomic<timestamp> last_time_{0};
  bool read_only_ = false;
  bool restored_ = false;
  std::atomic<bool> stopped_{false};
  std::function<void(position)> grown_;
};

}  // namespace annals::store
