#include "store/lmdb/lmdb.hpp"

#include "store/os/descriptor.hpp"
#include "store/os/files.hpp"

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

bool is_damage(int code) {
  return code == MDB_CORRUPTED || code == MDB_PAGE_NOTFOUND || code == MDB_CURSOR_FULL || code == MDB_INVALID || code == MDB_BAD_TXN;
}

namespace {

constexpr unsigned readers_max = 512;

/// Adds what can be done about it.
error open_error(int code, std::string_view doing, const environment_options& with) {
  auto wrong = lmdb_error(code, doing);
  if (is_damage(code)) wrong.code = errc::corrupt_record;
  if (code == ENOMEM) wrong.detail += ": not enough address space for a map of " + std::to_string(with.map_bytes) + " bytes";
  if (code == EACCES) wrong.detail += ": readers too need to write lock.mdb";
  return wrong;
}

/// Allocates the blocks of LMDB's lock file. LMDB extends the file with ftruncate, which leaves holes, and maps it: on a full
/// disk, the first write to a hole would end the process with SIGBUS. The size of the file does not change, because other
/// processes have mapped it. If the file may not be written, LMDB reports that. Closing a descriptor of this file drops the
/// process's locks on it, so no other environment of this directory may be open in this process.
result<void> make_lock_file(const std::filesystem::path& directory) {
  constexpr off_t bytes_min = (readers_max + 4) * 64;  // at least what LMDB needs for its header and readers_max slots
  const auto path = directory / "lock.mdb";
  const descriptor file{::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, files::mode_of_file(false))};
  struct stat info{};
  if (file.get() < 0 || ::fstat(file.get(), &info) != 0) {
    if (errno == ENOSPC || errno == EDQUOT) return files::os_error(errno, "creating " + path.string());
    return {};
  }
  if (info.st_size == 0) files::write_in_place(file.get());
  if (::fallocate(file.get(), FALLOC_FL_KEEP_SIZE, 0, std::max(info.st_size, bytes_min)) != 0 && (errno == ENOSPC || errno == EDQUOT))
    return files::os_error(errno, "making room for " + path.string());
  return {};
}

}  // namespace

result<std::unique_ptr<lmdb_environment>> lmdb_environment::open(const std::filesystem::path& directory, const environment_options& with) {
  std::unique_ptr<lmdb_environment> made{new lmdb_environment};
  made->directory_ = directory;
  const auto doing = "opening " + directory.string();
  if (const int rc = mdb_env_create(&made->env_)) return lmdb_error(rc, doing);
  mdb_env_set_userctx(made->env_, made.get());
  mdb_env_set_assert(made->env_, [](MDB_env* env, const char*) {
    static_cast<lmdb_environment*>(mdb_env_get_userctx(env))->broken_ = true;
    throw lmdb_is_broken{};
  });
  mdb_env_set_maxdbs(made->env_, 8);
  mdb_env_set_maxreaders(made->env_, readers_max);
  // A reader uses the map size that its writer has stored in the file.
  if (const int rc = with.read_only ? 0 : mdb_env_set_mapsize(made->env_, with.map_bytes)) return lmdb_error(rc, doing);
  unsigned flags = MDB_NOTLS | MDB_NORDAHEAD;
  if (with.read_only) flags |= MDB_RDONLY;
  if (auto ok = make_lock_file(directory); !ok) return std::move(ok).error();
  // Never MDB_NOLOCK: the pages of a reader that is not in the reader table may be overwritten while it reads. On a read-only
  // file system LMDB itself does without the lock file.
  if (const int rc = mdb_env_open(made->env_, directory.c_str(), flags, files::mode_of_file(false))) return open_error(rc, doing, with);
  int dead = 0;
  mdb_reader_check(made->env_, &dead);
  MDB_envinfo info{};
  mdb_env_info(made->env_, &info);
  int file = -1;
  mdb_env_get_fd(made->env_, &file);
  auto pages = page_file::open(directory / "data.mdb", info.me_mapsize, file);
  if (!pages) return std::move(pages).error();
  made->pages_ = std::move(*pages);
  if (!with.read_only)
    if (auto ok = made->check_pages(); !ok) return std::move(ok).error();
  return made;
}

/// For a writer: checks what LMDB would follow.
result<void> lmdb_environment::check_pages() {
  const auto txn = read_transaction::begin(*this);
  if (!txn) return txn.error();
  sound_ = std::make_unique<page_check>(*pages_);
  return sound_->begin(txn->meta());
}

lmdb_environment::~lmdb_environment() {
  if (!is_ours() || broken_) return;
  for (auto* txn : resting_) mdb_txn_abort(txn);
  int file = -1;
  struct stat info{};
  if (room_until_ > 0 && mdb_env_get_fd(env_, &file) == 0 && ::fstat(file, &info) == 0)
    (void)!::ftruncate(file, info.st_size);  // to its current size: this frees the space reserved after its end
  if (env_) mdb_env_close(env_);
}

void lmdb_environment::reserve_room(std::uint64_t bytes) {
  constexpr std::uint64_t least = std::uint64_t{128} << 10, most = std::uint64_t{64} << 20, spare = std::uint64_t{16} << 20;
  MDB_envinfo info{};
  MDB_stat stat{};
  int file = -1;
  if (mdb_env_info(env_, &info) != 0 || mdb_env_stat(env_, &stat) != 0 || mdb_env_get_fd(env_, &file) != 0) return;
  const auto end = (std::uint64_t{info.me_last_pgno} + 1) * stat.ms_psize;
  if (end + bytes <= room_until_) return;
  const auto more = bytes + std::clamp(end / 4, least, most);
  room_until_ = end + more;
  struct statvfs disk{};
  const bool is_short = ::fstatvfs(file, &disk) == 0 && std::uint64_t{disk.f_bavail} * disk.f_frsize < std::max(16 * more, spare);
  if (is_short || room_until_ > info.me_mapsize) return;
  (void)::fallocate(file, FALLOC_FL_KEEP_SIZE, static_cast<off_t>(end), static_cast<off_t>(more));
}

namespace {
error broken(const lmdb_environment& env) {
  return {errc::corrupt_record, "LMDB found damage in " + (env.directory() / "data.mdb").string() + " while writing"};
}
}  // namespace

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
  std::optional<lmdb_format::meta> meta;
  if (rc == MDB_READERS_FULL) {
    // Dead readers keep their slots until mdb_reader_check() frees them.
    int dead = 0;
    mdb_reader_check(env.env_, &dead);
    rc = mdb_txn_begin(env.env_, nullptr, MDB_RDONLY, &txn);
  }
  if (rc) {
    if (resting) mdb_txn_abort(resting);
    return lmdb_error(rc, "reading " + env.directory_.string());
  }
  read_transaction made{&env, txn};
  // Between begin (or renew) and reading the meta page, a writer may have committed twice and overwritten that page.
  for (int times = 0; times < 100; ++times) {
    if ((meta = env.pages_->meta_of(mdb_txn_id(txn)))) break;
    mdb_txn_reset(txn);
    if ((rc = mdb_txn_renew(txn))) return lmdb_error(rc, "reading " + env.directory_.string());
  }
  if (!meta) return error{errc::corrupt_record, env.pages_->damaged(mdb_txn_id(txn) % 2)};
  made.meta_ = *meta;
  return made;
}

result<page_cursor> read_transaction::open(std::string_view table) const {
  lmdb_format::table found{};
  std::string damage;
  const int rc = find_table(pages(), meta_, table, found, damage);
  if (rc == MDB_NOTFOUND) return error{errc::store_foreign, pages().path().string(), "the table " + std::string{table} + " is missing"};
  if (rc) return error{errc::corrupt_record, std::move(damage)};
  return page_cursor{pages(), found, meta_.last_page};
}

result<std::optional<std::string_view>> read_transaction::find(std::string_view table, std::string_view key) const {
  auto c = open(table);
  if (!c) return std::move(c).error();
  auto name = to_val(key);
  MDB_val val{};
  const int rc = c->get(name, val, MDB_SET);
  if (rc == MDB_NOTFOUND) return std::optional<std::string_view>{};
  if (rc) return cursor_error(rc, *c, "reading " + std::string{table});
  return std::optional{to_view(val)};
}

error cursor_error(int code, const table_cursor& c, std::string_view doing) {
  if (code != MDB_CORRUPTED) return lmdb_error(code, doing);
  return {errc::corrupt_record, std::string{doing}, c.damage()};
}

read_transaction::~read_transaction() {
  if (!txn_) return;
  mdb_txn_reset(txn_);
  const std::lock_guard lock{env_->mutex_};
  env_->resting_.push_back(txn_);
}

result<write_transaction> write_transaction::begin(lmdb_environment& env) {
  if (!env.is_ours()) return used_after_fork();
  if (env.is_broken()) return broken(env);  // this process still has LMDB's lock
  MDB_txn* txn = nullptr;
  if (const int rc = mdb_txn_begin(env.get(), nullptr, 0, &txn)) return lmdb_error(rc, "writing " + env.directory().string());
  write_transaction made{&env, txn};
  if (env.sound_) env.sound_->forget_damage();
  const auto before = mdb_txn_id(txn) - 1;
  const auto meta = env.pages_->meta_of(before);
  if (!meta) return error{errc::corrupt_record, env.pages_->damaged(before % 2)};
  made.meta_ = *meta;
  if (env.sound_ && !env.sound_->expect_lists(*meta)) return error{errc::corrupt_record, env.sound_->damage()};
  return made;
}

int write_transaction::expect(std::string_view table, std::string_view key, bool again) { return env_->sound_->expect(meta_, table, key, again); }

write_transaction::~write_transaction() {
  if (txn_ && !env_->is_broken()) mdb_txn_abort(txn_);
}

int write_transaction::commit() {
  MDB_txn* const txn = std::exchange(txn_, nullptr);  // LMDB ends it, even on an error
  return unless_broken([&] { return mdb_txn_commit(txn); });
}

void close_cursor::operator()(MDB_cursor* c) const {
  const auto* env = static_cast<lmdb_environment*>(mdb_env_get_userctx(mdb_txn_env(mdb_cursor_txn(c))));
  if (!env->is_broken()) mdb_cursor_close(c);
}

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
