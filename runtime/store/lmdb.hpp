// LMDB as we use it: environments, transactions that end by themselves, errors that name the place.
// Never with a flag that gives up durability; readers are not bound to a thread (MDB_NOTLS).
#pragma once

#include "store/forks.hpp"

#include <annals/result.hpp>

#include <lmdb.h>

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace annals::store {

inline MDB_val to_val(std::string_view bytes) { return {bytes.size(), const_cast<char*>(bytes.data())}; }
inline std::string_view to_view(const MDB_val& v) { return {static_cast<const char*>(v.mv_data), v.mv_size}; }

/// store_failed, or storage_full where that is what LMDB said.
error lmdb_error(int code, std::string_view doing);

struct environment_options {
  std::uint64_t map_bytes;  ///< of a writer; a reader maps what the writer has reserved
  bool read_only = false;
};

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
  /// False in a child of a fork, which must not touch it.
  bool is_ours() const { return home_.is_this_one(); }
  /// Sets space aside behind the file's end for so many bytes and more, in large steps: what a file system allocates piece
  /// by piece makes every later sync dearer. Not where space is short. The destructor gives back the rest; after a crash the
  /// next writer uses it. By the writer's thread.
  void keep_room(std::uint64_t bytes);

private:
  friend class read_transaction;
  lmdb_environment() = default;
  MDB_env* env_ = nullptr;
  std::filesystem::path directory_;
  home_process home_;
  std::uint64_t room_until_ = 0;  // where the space set aside ends, in the file
  std::mutex mutex_;
  std::vector<MDB_txn*> resting_;  // read transactions, reset, for the next reader
};

/// A snapshot; short, within one function. Rests in the environment between uses.
class read_transaction {
public:
  static result<read_transaction> begin(lmdb_environment& env);
  read_transaction(read_transaction&& other) noexcept : env_(other.env_), txn_(std::exchange(other.txn_, nullptr)) {}
  read_transaction& operator=(read_transaction&&) = delete;
  ~read_transaction();
  MDB_txn* get() const { return txn_; }

private:
  read_transaction(lmdb_environment* env, MDB_txn* txn) : env_(env), txn_(txn) {}
  lmdb_environment* env_;
  MDB_txn* txn_;
};

/// Aborts unless committed.
class write_transaction {
public:
  static result<write_transaction> begin(lmdb_environment& env);
  write_transaction(write_transaction&& other) noexcept : txn_(std::exchange(other.txn_, nullptr)) {}
  write_transaction& operator=(write_transaction&&) = delete;
  ~write_transaction();
  MDB_txn* get() const { return txn_; }
  /// LMDB's code.
  int commit();

private:
  explicit write_transaction(MDB_txn* txn) : txn_(txn) {}
  MDB_txn* txn_;
};

/// A cursor that closes by itself; within its transaction.
struct close_cursor {
  void operator()(MDB_cursor* c) const { mdb_cursor_close(c); }
};
using cursor = std::unique_ptr<MDB_cursor, close_cursor>;
result<cursor> open_cursor(MDB_txn* txn, MDB_dbi db);

/// LMDB's code.
int put(MDB_txn* txn, MDB_dbi db, std::string_view name, std::string_view bytes);

}  // namespace annals::store
