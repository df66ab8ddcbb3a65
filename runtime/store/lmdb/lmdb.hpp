// Wraps LMDB: environments, transactions that end by themselves, errors that name the place. No flag that gives up durability
// is ever used; readers are not bound to a thread (MDB_NOTLS).
//
// LMDB trusts each byte of its file: a damaged page ends the process. So annals reads nothing through it: a read transaction
// only keeps the pages of its snapshot from being reused, and a page_cursor reads them. LMDB also reads while it writes. So
// opening for writing checks the pages that lead to others (page_check.hpp), a writer announces which keys it is about to
// change, and damage that LMDB still meets becomes an error (unless_broken).
#pragma once

#include "store/lmdb/page_check.hpp"
#include "store/lmdb/page_cursor.hpp"
#include "store/os/forks.hpp"

#include <annals/result.hpp>

#include <lmdb.h>

#include <atomic>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace annals::store {

inline MDB_val to_val(std::string_view bytes) { return {bytes.size(), const_cast<char*>(bytes.data())}; }
inline std::string_view to_view(const MDB_val& v) { return {static_cast<const char*>(v.mv_data), v.mv_size}; }

/// storage_full if that is what LMDB reports, else store_failed.
error lmdb_error(int code, std::string_view doing);

/// Whether this LMDB code reports a damaged file.
bool is_damage(int code);

struct environment_options {
  std::uint64_t map_bytes;  ///< of a writer; a reader maps what the writer has reserved
  bool read_only = false;
};

/// Thrown when LMDB finds its own file damaged, instead of ending the process: see unless_broken().
struct lmdb_is_broken {};

/// Returns what `change` returns, an LMDB code or a result; MDB_CORRUPTED if LMDB finds its file damaged. LMDB was
/// interrupted then, with cursors in stack frames that no longer exist: neither the transaction nor the environment is
/// touched again or freed (lmdb_environment::is_broken). LMDB's lock is robust: another process can take it when the thread that holds it ends.
template <class Change>
auto unless_broken(Change&& change) -> decltype(change()) {
  try {
    return change();
  } catch (const lmdb_is_broken&) {
    if constexpr (std::is_same_v<decltype(change()), int>)
      return MDB_CORRUPTED;
    else
      return lmdb_error(MDB_CORRUPTED, "writing");
  }
}

/// One environment. A process may have only one open for each directory. In a forked child, using the parent's is misuse.
class lmdb_environment {
public:
  static result<std::unique_ptr<lmdb_environment>> open(const std::filesystem::path& directory, const environment_options& with);
  ~lmdb_environment();
  lmdb_environment(const lmdb_environment&) = delete;
  lmdb_environment& operator=(const lmdb_environment&) = delete;

  MDB_env* get() const { return env_; }
  const std::filesystem::path& directory() const { return directory_; }
  const page_file& pages() const { return *pages_; }
  /// False in a forked child, which must not touch it.
  bool is_ours() const { return home_.is_this_one(); }
  /// LMDB found its file damaged while it was writing: no further write transaction begins.
  bool is_broken() const { return broken_; }
  /// Reserves space after the end of the file for this many bytes and more, in large steps: a file system that allocates in
  /// small pieces makes every later sync slower. Does nothing if space is short. The destructor frees the unused rest; after
  /// a crash the next writer uses it. Called by the writer's thread.
  void reserve_room(std::uint64_t bytes);

private:
  friend class read_transaction;
  friend class write_transaction;
  lmdb_environment() = default;
  result<void> check_pages();
  MDB_env* env_ = nullptr;
  std::filesystem::path directory_;
  std::unique_ptr<page_file> pages_;
  std::unique_ptr<page_check> sound_;  // writers only
  home_process home_;
  std::uint64_t room_until_ = 0;  // where the reserved space ends, in the file
  std::atomic<bool> broken_{false};
  std::mutex mutex_;
  std::vector<MDB_txn*> resting_;  // read transactions, reset, for the next reader
};

/// A snapshot. Keep it short, within one function. The destructor returns LMDB's transaction to the environment for reuse.
class read_transaction {
public:
  static result<read_transaction> begin(lmdb_environment& env);
  read_transaction(read_transaction&& other) noexcept : env_(other.env_), txn_(std::exchange(other.txn_, nullptr)), meta_(other.meta_) {}
  read_transaction& operator=(read_transaction&&) = delete;
  ~read_transaction();
  /// A cursor over the table of this name. store_foreign if there is none, corrupt_record if a page is damaged.
  result<page_cursor> open(std::string_view table) const;
  /// The value of a key; empty if there is none.
  result<std::optional<std::string_view>> find(std::string_view table, std::string_view key) const;
  const page_file& pages() const { return env_->pages(); }
  const lmdb_format::meta& meta() const { return meta_; }

private:
  read_transaction(lmdb_environment* env, MDB_txn* txn) : env_(env), txn_(txn) {}
  lmdb_environment* env_;
  MDB_txn* txn_;
  lmdb_format::meta meta_{};
};

/// The error for a code, other than MDB_NOTFOUND, that a cursor of this transaction returned: corrupt_record with the page, or lmdb_error().
error cursor_error(int code, const table_cursor& c, std::string_view doing);

/// Aborts unless committed.
class write_transaction {
public:
  static result<write_transaction> begin(lmdb_environment& env);
  write_transaction(write_transaction&& other) noexcept : env_(other.env_), txn_(std::exchange(other.txn_, nullptr)), meta_(other.meta_) {}
  write_transaction& operator=(write_transaction&&) = delete;
  ~write_transaction();
  MDB_txn* get() const { return txn_; }
  /// Call it before an entry or its neighbour is changed: returns MDB_CORRUPTED if LMDB would meet a damaged page. For
  /// `again` see page_check.hpp.
  int expect(std::string_view table, std::string_view key, bool again = false);
  /// The damage that was found.
  const std::string& damage() const { return env_->sound_->damage(); }
  /// Returns LMDB's code.
  int commit();

private:
  write_transaction(lmdb_environment* env, MDB_txn* txn) : env_(env), txn_(txn) {}
  lmdb_environment* env_;
  MDB_txn* txn_;
  lmdb_format::meta meta_{};  // as committed before this transaction
};

/// A cursor that closes itself; it must not outlive its transaction.
struct close_cursor {
  void operator()(MDB_cursor* c) const;
};
using cursor = std::unique_ptr<MDB_cursor, close_cursor>;
result<cursor> open_cursor(MDB_txn* txn, MDB_dbi db);

/// LMDB's own cursor, which sees the changes of its write transaction.
class writing_cursor final : public table_cursor {
public:
  explicit writing_cursor(MDB_cursor* c) : c_(c) {}
  int get(MDB_val& key, MDB_val& val, MDB_cursor_op op) override { return mdb_cursor_get(c_, &key, &val, op); }
  std::string damage() const override { return "a page is damaged"; }

private:
  MDB_cursor* c_;
};

/// Returns LMDB's code.
int put(MDB_txn* txn, MDB_dbi db, std::string_view name, std::string_view bytes);

}  // namespace annals::store
