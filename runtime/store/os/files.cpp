#include "store/os/files.hpp"

#include "store/os/descriptor.hpp"

#include <fcntl.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

namespace annals::store::files {
namespace {

namespace fs = std::filesystem;

error error_now(std::string doing) { return files::os_error(errno, std::move(doing)); }

/// Changes only the permissions of a directory or file. Does nothing if it does not exist.
result<void> set_mode(const fs::path& path, bool readable_by_group) {
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0) return errno == ENOENT ? result<void>{} : error_now("checking " + path.string());
  auto mode = S_ISDIR(info.st_mode) ? mode_of_directory(readable_by_group) : mode_of_file(readable_by_group);
  if (readable_by_group && path.filename() == "lock.mdb") mode |= S_IWGRP;
  if ((info.st_mode & 0777) == mode || ::chmod(path.c_str(), (info.st_mode & 07000) | mode) == 0 || errno == ENOENT) return {};
  return error_now("setting the permissions of " + path.string());
}

}  // namespace

error os_error(int code, std::string doing) {
  return {code == ENOSPC || code == EDQUOT ? errc::storage_full : errc::store_failed, std::move(doing), std::strerror(code)};
}

result<void> create_private_directory(const fs::path& directory) {
  if (::mkdir(directory.c_str(), mode_of_directory(false)) != 0) return error_now("creating " + directory.string());
  return set_mode(directory, false);
}

result<void> set_modes(const fs::path& store, bool readable_by_group) {
  auto ok = set_mode(store, readable_by_group);
  const auto also = [&](const fs::path& path) {
    if (auto done = set_mode(path, readable_by_group); ok && !done) ok = std::move(done);
  };
  also(store / "lock");
  for (const auto* part : {"log", "derived"}) {
    also(store / part);
    std::error_code wrong;
    for (fs::recursive_directory_iterator i{store / part, wrong}, end; !wrong && i != end; i.increment(wrong)) also(i->path());
    if (wrong && wrong != std::errc::no_such_file_or_directory && ok)
      ok = error{errc::store_failed, "setting the permissions in " + (store / part).string(), wrong.message()};
  }
  return ok;
}

result<void> sync(const fs::path& path) {
  const descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (file.get() < 0 || ::fsync(file.get()) != 0) return error_now("syncing " + path.string());
  return {};
}

temporary::~temporary() {
  std::error_code ignored;
  if (!path_.empty()) fs::remove_all(path_, ignored);
}

result<void> temporary::become(const fs::path& target) {
  std::error_code wrong;
  for (fs::recursive_directory_iterator i{path_, wrong}, end; !wrong && i != end; i.increment(wrong))
    if (auto ok = sync(i->path()); !ok) return ok;
  if (auto ok = sync(path_); !ok) return ok;
  if (fs::exists(target, wrong)) return error{errc::store_failed, target.string(), "already exists"};
  fs::rename(path_, target, wrong);
  if (wrong) return error{errc::store_failed, "renaming to " + target.string(), wrong.message()};
  path_.clear();
  return sync(fs::absolute(target).parent_path());
}

result<temporary> temporary_beside(const fs::path& target) {
  const auto whole = fs::absolute(target).lexically_normal();
  auto path = whole.string();
  while (path.ends_with('/')) path.pop_back();
  std::error_code wrong;
  if (fs::exists(path, wrong)) return error{errc::store_failed, path, "already exists"};
  path += ".new-" + std::to_string(::getpid());
  fs::remove_all(path, wrong);
  if (auto ok = create_private_directory(path); !ok) return std::move(ok).error();
  return temporary{path};
}

result<temporary> temporary_for_copy(const fs::path& store, const fs::path& target) {
  std::error_code wrong;
  for (auto up = fs::absolute(target, wrong).lexically_normal(); up.has_relative_path(); up = up.parent_path())
    if (fs::equivalent(up, store, wrong)) return error{errc::bad_option, target.string(), "the target is inside the store " + store.string()};
  return temporary_beside(target);
}

bool is_leftover_of(const fs::path& target, const fs::path& path) {
  const auto name = path.filename().string(), start = target.filename().string() + ".new-";
  return name.starts_with(start) && name.size() > start.size() && name.find_first_not_of("0123456789", start.size()) == std::string::npos;
}

result<void> create_directories(const fs::path& directory) {
  std::vector<fs::path> created;
  std::error_code wrong;
  for (auto up = fs::absolute(directory, wrong).lexically_normal(); !fs::exists(up, wrong) && up.has_relative_path(); up = up.parent_path())
    if (up.has_filename()) created.push_back(up);  // a path that ends with a slash has no filename
  fs::create_directories(directory, wrong);
  if (wrong) return error{errc::store_missing, directory.string(), "cannot be created: " + wrong.message()};
  // Without this, a crash could remove the directory together with records that were answered.
  for (const auto& made : created)
    if (auto ok = sync(made.parent_path()); !ok) return ok;
  return {};
}

std::string perhaps_torn(std::string why) {
  if (!why.empty()) why += "; ";
  return why + "a torn copy? copy a store in use with `annals backup`; `annals salvage` recovers the sound records of this one";
}

void write_in_place(int fd) {
  int flags = 0;
  if (::ioctl(fd, FS_IOC_GETFLAGS, &flags) != 0) return;
  flags |= FS_NOCOW_FL;
  (void)::ioctl(fd, FS_IOC_SETFLAGS, &flags);
}

std::string_view network_file_system(long type) {
  // FUSE includes sshfs and the like; a FUSE file system over a local disk cannot be told apart.
  constexpr std::array<std::pair<std::uint32_t, std::string_view>, 10> known{{{0x6969, "NFS"},
                                                                              {0x517B, "SMB"},
                                                                              {0xFF534D42, "CIFS"},
                                                                              {0xFE534D42, "SMB2"},
                                                                              {0x65735546, "FUSE"},
                                                                              {0x01021997, "9P"},
                                                                              {0x5346414F, "AFS"},
                                                                              {0x00C36400, "Ceph"},
                                                                              {0x0BD00BD0, "Lustre"},
                                                                              {0x73757245, "Coda"}}};
  for (const auto& [number, name] : known)
    if (static_cast<std::uint32_t>(type) == number) return name;  // f_type is signed on some machines
  return {};
}

result<void> check_file_system(const fs::path& directory) {
  struct statfs s{};
  if (::statfs(directory.c_str(), &s) != 0) return error_now("checking the file system of " + directory.string());
  if (const auto name = network_file_system(s.f_type); !name.empty())
    return error{errc::store_unsupported, directory.string(),
                 "on " + std::string{name} + ", where locks and memory maps cannot be trusted: use a local disk"};
  return {};
}

namespace {

fs::path log_file(const fs::path& store) { return store / "log" / "data.mdb"; }

/// False if somebody else holds it.
bool lock_whole(int fd) {
  struct flock whole{};
  whole.l_type = F_WRLCK;
  whole.l_whence = SEEK_SET;
  return ::fcntl(fd, F_OFD_SETLK, &whole) == 0;
}

bool is_locked(const fs::path& path) {
  const descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (file.get() < 0) return false;
  struct flock whole{};
  whole.l_type = F_WRLCK;
  whole.l_whence = SEEK_SET;
  return ::fcntl(file.get(), F_OFD_GETLK, &whole) == 0 && whole.l_type != F_UNLCK;
}

}  // namespace

result<writer_lock> writer_lock::take(const fs::path& store) {
  const auto path = store / "lock";
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, mode_of_file(false));
  if (fd < 0) return error_now("opening " + path.string());
  writer_lock made{fd};
  if (!lock_whole(fd)) {
    char pid[32] = {};
    const auto n = ::pread(fd, pid, sizeof pid - 1, 0);
    return error{errc::store_locked, store.string() + " is open for writing elsewhere",
                 "by process " + (n > 0 ? std::string{pid, static_cast<std::size_t>(n)} : "(just starting)")};
  }
  if (auto ok = made.cover_log(store); !ok) return std::move(ok).error();
  const auto pid = std::to_string(::getpid());
  // The pid is only for messages: if there is no space for it, the lock still holds and the file stays empty.
  const bool says_so = ::pwrite(fd, pid.data(), pid.size(), 0) == static_cast<ssize_t>(pid.size());
  const bool is_full = !says_so && (errno == ENOSPC || errno == EDQUOT);
  if ((!says_so && !is_full) || ::ftruncate(fd, says_so ? static_cast<off_t>(pid.size()) : 0) != 0) return error_now("writing " + path.string());
  return made;
}

result<void> writer_lock::cover_log(const fs::path& store) {
  if (log_) return {};
  const auto path = log_file(store);
  const int fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (fd < 0) return {};  // not there, or unusable: who opens the log says so
  log_.emplace(fd);
  if (lock_whole(fd)) return {};
  return error{errc::store_locked, store.string() + " is open for writing elsewhere", "its lock file was removed while a writer was running"};
}

bool writer_lock::is_held(const fs::path& store) { return is_locked(store / "lock") || is_locked(log_file(store)); }

}  // namespace annals::store::files
