// Directories that are there whole or not at all, and what a store needs of its file system.
#pragma once

#include "store/os/forks.hpp"

#include <annals/result.hpp>

#include <filesystem>
#include <string>
#include <string_view>

namespace annals::store::files {

/// storage_full, or store_failed, with what the system says of `code`, an errno.
error os_error(int code, std::string doing);

/// What a store's files and directories are for others: nothing, or the group reads them. Directories keep their setgid bit.
constexpr unsigned mode_of_file(bool readable_by_group) { return readable_by_group ? 0640 : 0600; }
constexpr unsigned mode_of_directory(bool readable_by_group) { return readable_by_group ? 0750 : 0700; }
/// A new directory for its owner alone, whatever the umask says.
result<void> create_private_directory(const std::filesystem::path& directory);
/// Gives the directory of a store and all that is the store's in it these modes; LMDB's reader tables (lock.mdb) can be written by
/// the group that reads. The first error, when not all could be changed: what belongs to another user cannot.
result<void> set_modes(const std::filesystem::path& store, bool readable_by_group);

/// fsync of a directory or file.
result<void> sync(const std::filesystem::path& path);

/// A directory under a temporary name; removed unless it becomes something.
class temporary {
public:
  explicit temporary(std::filesystem::path path) : path_(std::move(path)) {}
  temporary(temporary&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  temporary& operator=(temporary&&) = delete;
  ~temporary();

  const std::filesystem::path& path() const { return path_; }
  /// Syncs what is in it, renames it to `target`, which must not exist, and syncs the parent.
  result<void> become(const std::filesystem::path& target);

private:
  std::filesystem::path path_;
};

/// A new directory "<name>.new-<pid>" beside `target`.
result<temporary> temporary_beside(const std::filesystem::path& target);
/// The same, for a copy of this store; bad_option when `target` lies in the store itself.
result<temporary> temporary_for_copy(const std::filesystem::path& store, const std::filesystem::path& target);
/// Whether this is what a process that ended left of making `target`.
bool is_leftover_of(const std::filesystem::path& target, const std::filesystem::path& path);
/// Creates it with the directories above it; durable when it returns.
result<void> create_directories(const std::filesystem::path& directory);

/// Marks an empty file to be written in place. A copy-on-write file system needs free space for every write, even to blocks that the
/// file already has. Btrfs honours the mark; other file systems ignore it or do not need it.
void write_in_place(int fd);

/// The name of a network file system by its number (statfs, f_type); empty for all others.
std::string_view network_file_system(long type);
/// store_unsupported on a network file system, where neither locks nor the memory map can be trusted.
result<void> check_file_system(const std::filesystem::path& directory);

/// Adds to `why` that most damage of this kind comes from a torn copy, and what to do about it.
std::string perhaps_torn(std::string why);

/// The lock of the one writer; held while it lives, and by this process alone: a child of a fork does not have it.
class writer_lock {
public:
  /// store_locked with the holder's pid.
  static result<writer_lock> take(const std::filesystem::path& store);
  /// Whether a process holds it now.
  static bool is_held(const std::filesystem::path& store);

private:
  explicit writer_lock(int fd) : file_(fd) {}
  unshared_descriptor file_;
};

}  // namespace annals::store::files
