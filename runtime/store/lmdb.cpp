#include "store/lmdb.hpp"

#include "store/files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace annals::store {

error lmdb_error(int code, std::string_view doing) {
  const bool full = code == ENOSPC || code == EDQUOT || code == MDB_MAP_FULL;
  return {full ? errc::storage_full : errc::store_failed, std::string{doing}, mdb_strerror(code)};
}

namespace {

/// Says what may be done about it.
error open_error(int code, std::string_view doing, const environment_options& with) {
  auto wrong = lmdb_error(code, doing);
  if (code == ENOMEM) wrong.detail += ": not enough address space for a map of " + std::to_string(with.map_bytes) + " bytes";
  if (code == EACCES) wrong.detail += ": readers too need to write lock.mdb";
  return wrong;
}

}  // namespace

result<std::unique_ptr<lmdb_environment>> lmdb_environment::open(const std::filesystem::path& directory,
                                                                 const environment_options& with) {
  std::unique_ptr<lmdb_environment> made{new lmdb_environment};
  made->directory_ = directory;
  const auto doing = "opening " + directory.string();
  if (const int rc = mdb_env_create(&made->env_)) return lmdb_error(rc, doing);
  mdb_env_set_maxdbs(made->env_, 8);
  mdb_env_set_maxreaders(made->env_, 512);
  // A reader maps what the file says its writer has reserved.
  if (const int rc = with.read_only ? 0 : mdb_env_set_mapsize(made->env_, with.map_bytes)) return lmdb_error(rc, doing);
  unsigned flags = MDB_NOTLS | MDB_NORDAHEAD;
  if (with.read_only) flags |= MDB_RDONLY;
  // Never MDB_NOLOCK: a reader that is not in the reader table has its pages changed under it. On a file system that is
  // read only LMDB itself leaves the lock file out.
  if (const int rc = mdb_env_open(made->env_, directory.c_str(), flags, files::mode_of_file(false))) return open_error(rc, doing, with);
  int dead = 0;
  mdb_reader_check(made->env_, &dead);
  return made;
}

lmdb_environment::~lmdb_environment() {
  if (!is_ours()) return;
  for (auto* txn : resting_) mdb_txn_abort(txn);
  int file = -1;
  struct stat info {};
  if (room_until_ > 0 && mdb_env_get_fd(env_, &file) == 0 && ::fstat(file, &info) == 0)
    (void)!::ftruncate(file, info.st_size);  // to the size that it has: what lies behind is free again
  if (env_) mdb_env_close(env_);
}

void lmdb_environment::keep_room(std::uint64_t bytes) {
  constexpr std::uint64_t least = std::uint64_t{128} << 10, most = std::uint64_t{64} << 20, spare = std::uint64_t{16} << 20;
  MDB_envinfo info{};
  MDB_stat stat{};
  int file = -1;
  if (mdb_env_info(env_, &info) != 0 || mdb_env_stat(env_, &stat) != 0 || mdb_env_get_fd(env_, &file) != 0) return;
  const auto end = (std::uint64_t{info.me_last_pgno} + 1) * stat.ms_psize;
  if (end + bytes <= room_until_) return;
  const auto more = bytes + std::clamp(end / 4, least, most);
  room_until_ = end + more;
  struct statvfs disk {};
  const bool is_short = ::fstatvfs(file, &disk) == 0 && std::uint64_t{disk.f_bavail} * disk.f_frsize < std::max(16 * more, spare);
  if (is_short || room_until_ > info.me_mapsize) return;
  (void)::fallocate(file, FALLOC_FL_KEEP_SIZE, static_cast<off_t>(end), static_cast<off_t>(more));
}

result<read_transaction> read_transaction::begin(lmdb_environment& env) {
  if (!env.is_ours()) return used_after_fork();
  MDB_txn* resting = nullptr;
  {
    const std::lock_guard lock{env.mutex_};
    if (!env.resting_.empty()) {
      resting = env.resting_.back();
      env.resting_.pop_back();
    }
  }
  MDB_txn* txn = resting;
  int rc = resting ? mdb_txn_renew(resting) : mdb_txn_begin(env.env_, nullptr, MDB_RDONLY, &txn);
  if (rc == MDB_READERS_FULL) {
    // Readers that died keep their slots until someone looks.
    int dead = 0;
    mdb_reader_check(env.env_, &dead);
    rc = mdb_txn_begin(env.env_, nullptr, MDB_RDONLY, &txn);
  }
  if (rc) {
    if (resting) mdb_txn_abort(resting);
    return lmdb_error(rc, "reading " + env.directory_.string());
  }
  return read_transaction{&env, txn};
}

read_transaction::~read_transaction() {
  if (!txn_) return;
  mdb_txn_reset(txn_);
  const std::lock_guard lock{env_->mutex_};
  env_->resting_.push_back(txn_);
}

result<write_transaction> write_transaction::begin(lmdb_environment& env) {
  if (!env.is_ours()) return used_after_fork();
  MDB_txn* txn = nullptr;
  if (const int rc = mdb_txn_begin(env.get(), nullptr, 0, &txn))
    return lmdb_error(rc, "writing " + env.directory().string());
  return write_transaction{txn};
}

write_transaction::~write_transaction() {
  if (txn_) mdb_txn_abort(txn_);
}

int write_transaction::commit() { return mdb_txn_commit(std::exchange(txn_, nullptr)); }

result<cursor> open_cursor(MDB_txn* txn, MDB_dbi db) {
  MDB_cursor* c = nullptr;
  if (const int rc = mdb_cursor_open(txn, db, &c)) return lmdb_error(rc, "opening a cursor");
  return cursor{c};
}

int put(MDB_txn* txn, MDB_dbi db, std::string_view name, std::string_view bytes) {
  auto key = to_val(name);
  auto val = to_val(bytes);
  return mdb_put(txn, db, &key, &val, 0);
}

}  // namespace annals::store
