#include "store/os/anchored_path.hpp"

#include "store/os/files.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace annals::store {

namespace fs = std::filesystem;

anchored_path::anchored_path(const fs::path& directory)
    : root_(std::make_shared<const descriptor>(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC))),
      name_(fs::absolute(directory)),
      below_(".") {}

anchored_path anchored_path::operator/(std::string_view name) const {
  auto made = *this;
  made.below_ = below_ == "." ? fs::path{name} : below_ / name;
  return made;
}

error anchored_path::failed(std::string_view doing) const {
  const int code = errno;
  return files::os_error(code, std::string{doing} + " " + (below_ == "." ? name_ : name()).string());
}

bool anchored_path::lets_group_in() const {
  struct stat info{};
  return ::fstat(root(), &info) == 0 && (info.st_mode & S_IRGRP) != 0;
}

std::optional<std::pair<std::uint64_t, std::uint64_t>> anchored_path::identity() const {
  struct stat info{};
  if (::fstatat(root(), below_.c_str(), &info, 0) != 0) return std::nullopt;
  return std::pair<std::uint64_t, std::uint64_t>{info.st_dev, info.st_ino};
}

result<descriptor> anchored_path::open(int flags) const {
  descriptor file{::openat(root(), below_.c_str(), flags | O_CLOEXEC)};
  if (file.get() < 0) return failed("opening");
  return file;
}

result<std::optional<descriptor>> anchored_path::open_if_there(int flags) const {
  descriptor file{::openat(root(), below_.c_str(), flags | O_CLOEXEC)};
  if (file.get() >= 0) return std::optional{std::move(file)};
  if (errno == ENOENT) return std::optional<descriptor>{};
  return failed("opening");
}

result<descriptor> anchored_path::create(int flags) const {
  descriptor file{::openat(root(), below_.c_str(), flags | O_CREAT | O_CLOEXEC, files::mode_of_file(false))};
  if (file.get() < 0 || ::fchmod(file.get(), files::mode_of_file(lets_group_in())) != 0) return failed("creating");
  return file;
}

result<void> anchored_path::create_directory() const {
  const auto mode = files::mode_of_directory(lets_group_in());
  if (::mkdirat(root(), below_.c_str(), mode) != 0) return errno == EEXIST ? result<void>{} : failed("creating");
  struct stat info{};
  if (::fstatat(root(), below_.c_str(), &info, 0) != 0 || ::fchmodat(root(), below_.c_str(), (info.st_mode & S_ISGID) | mode, 0) != 0)
    return failed("creating");
  return {};
}

result<void> anchored_path::rename_to(const anchored_path& other) const {
  if (::renameat(root(), below_.c_str(), other.root(), other.below_.c_str()) != 0) return other.failed("renaming to");
  return {};
}

result<void> anchored_path::remove() const {
  if (::unlinkat(root(), below_.c_str(), 0) != 0 && errno != ENOENT) return failed("removing");
  return {};
}

result<void> anchored_path::sync() const {
  const auto file = open(O_RDONLY);
  if (!file) return file.error();
  if (::fsync(file->get()) != 0) return failed("syncing");
  return {};
}

result<std::vector<std::string>> anchored_path::names() const {
  std::vector<std::string> all;
  auto directory = open_if_there(O_RDONLY | O_DIRECTORY);
  if (!directory) return std::move(directory).error();
  if (!*directory) return all;
  DIR* stream = ::fdopendir((*directory)->get());
  if (!stream) return failed("reading");
  (void)(*directory)->release();  // the stream closes it
  errno = 0;
  for (const auto* entry = ::readdir(stream); entry; entry = ::readdir(stream))
    if (const std::string_view name = entry->d_name; name != "." && name != "..") all.emplace_back(name);
  const int code = errno;
  ::closedir(stream);
  errno = code;
  if (code != 0) return failed("reading");
  return all;
}

std::uint64_t anchored_path::bytes() const {
  struct stat info{};
  return ::fstatat(root(), below_.c_str(), &info, 0) == 0 ? static_cast<std::uint64_t>(info.st_size) : 0;
}

}  // namespace annals::store
