// LMDB as we use it: environments, transactions that end by themselves, errors that name the place.
// Never with a flag that gives up durability; readers are not bound to a thread (MDB_NOTLS).
//
// LMDB trusts each byte of its file: a damaged page ends the process. So nothing is read through it: a read transaction only
// keeps a snapshot's pages from being used again, and a page_cursor reads them. LMDB writes, which is reading, too: opening for
// writing checks the pages that lead to others (page_check.hpp), a writer says which keys it is about to change, and what LMDB
// trips over all the same is an error (unless_broken).
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

/// store_failed, or storage_full where that is what LMDB said.
error lmdb_error(int code, std::string_view doing);

/// Whether LMDB says that its file is damaged, in one way or another.
bool is_damage(int code);

struct environment_options {
  std::uint64_t map_bytes;  ///< of a writer; a reader maps what the writer has reserved
  bool read_only = false;
};

/// Thrown where LMDB finds its own file damaged, in place of ending the process: see unless_broken().
struct lmdb_is_broken {};

/// What `change` returns, an LMDB code or a result; MDB_CORRUPTED where LMDB finds its file damaged. LMDB was left in the middle then,
/// with cursors of frames that are gone: neither the transaction nor the environment is touched again, and both are left as they are
/// for good (lmdb_environment::is_broken). LMDB's lock is robust, and free for another process when the thread ends that holds it.
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

/// One environment; one open in a process for each directory. A child of a fork leaves its parent's alone: misuse.
class lmdb_environment {
public:
  static result<std::unique_ptr<lmdb_environment>> open(const std::filesystem::path& directory,
                                                        const environment_options& with);
  ~lmdb_environment();
  lmdb_environment(const lmdb_environment&) = delete;
  lmdb_environment& operator=(const lmdb_environment&) = delete;

  MDB_env* get() const { return env_; }
  const std::filesystem::path& directory() const { return directory_; }
  const page_file& pages() const { return *pages_; }
  /// False in a child of a fork, which must not touch it.
  bool is_ours() const { return home_.is_this_one(); }
  /// LMDB found its file damaged while it was writing: no further write transaction begins.
  bool is_broken() const { return broken_; }
  /// Sets space aside behind the file's end for so many bytes and more, in large steps: what a file system allocates piece
  /// by piece makes every later sync dearer. Not where space is short. The destructor gives back the rest; after a crash the
  /// next writer uses it. By the writer's thread.
  void keep_room(std::uint64_t bytes);

private:
  friend class read_transaction;
  friend class write_transaction;
  lmdb_environment() = default;
  result<void> check_pages();
  MDB_env* env_ = nullptr;
  std::filesystem::path directory_;
  std::unique_ptr<page_file> pages_;
  std::unique_ptr<page_check> sound_;  // of a writer
  home_process home_;
  std::uint64_t room_until_ = 0;  // where the space set aside ends, in the file
  std::atomic<bool> broken_{false};
  std::mutex mutex_;
  std::vector<MDB_txn*> resting_;  // read transactions, reset, for the next reader
};

/// A snapshot; short, within one function. Rests in the environment between uses.
class read_transaction {
public:
  static result<read_transaction> begin(lmdb_environment& env);
  read_transaction(read_transaction&& other) noexcept
      : env_(other.env_), txn_(std::exchange(other.txn_, nullptr)), meta_(other.meta_) {}
  read_transaction& operator=(read_transaction&&) = delete;
  ~read_transaction();
  /// A cursor over the table of this name. store_foreign when there is none, corrupt_record when a page is damaged.
  result<page_cursor> open(std::string_view table) const;
  /// The value of a key; empty where there is none.
  result<std::optional<std::string_view>> find(std::string_view table, std::string_view key) const;
  const page_file& pages() const { return env_->pages(); }
  const lmdb_format::meta& meta() const { return meta_; }

private:
  read_transaction(lmdb_environment* env, MDB_txn* txn) : env_(env), txn_(txn) {}
  lmdb_environment* env_;
  MDB_txn* txn_;
  lmdb_format::meta meta_{};
};

/// What a cursor of this transaction ended with, other than MDB_NOTFOUND: corrupt_record with the page, or lmdb_error().
error cursor_error(int code, const table_cursor& c, std::string_view doing);

/// Aborts unless committed.
class write_transaction {
public:
  static result<write_transaction> begin(lmdb_environment& env);
  write_transaction(write_transaction&& other) noexcept
      : env_(other.env_), txn_(std::exchange(other.txn_, nullptr)), meta_(other.meta_) {}
  write_transaction& operator=(write_transaction&&) = delete;
  ~write_transaction();
  MDB_txn* get() const { return txn_; }
  /// To be called before an entry is changed, or one beside it: MDB_CORRUPTED where LMDB would meet a damaged page. `again`: see
  /// page_check.hpp.
  int expect(std::string_view table, std::string_view key, bool again = false);
  /// What was damaged.
  const std::string& damage() const { return env_->sound_->damage(); }
  /// LMDB's code.
  int commit();

private:
  write_transaction(lmdb_environment* env, MDB_txn* txn) : env_(env), txn_(txn) {}
  lmdb_environment* env_;
  MDB_txn* txn_;
  lmdb_format::meta meta_{};  // as it was committed before
};

/// A cursor that closes by itself; within its transaction.
struct close_cursor {
  void operator()(MDB_cursor* c) const;
};
using cursor = std::unique_ptr<MDB_cursor, close_cursor>;
result<cursor> open_cursor(MDB_txn* txn, MDB_dbi db);

/// LMDB's own cursor, which sees what its write transaction has changed.
class writing_cursor final : public table_cursor {
public:
  explicit writing_cursor(MDB_cursor* c) : c_(c) {}
  int get(MDB_val& key, MDB_val& val, MDB_cursor_op op) override { return mdb_cursor_get(c_, &key, &val, op); }
  std::string damage() const override { return "a page is damaged"; }

private:
  MDB_cursor* c_;
};

/// LMDB's code.
int put(MDB_txn* txn, MDB_dbi db, std::string_view name, std::string_view bytes);

}  // namespace annals::store
