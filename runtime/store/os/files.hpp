// Directories that appear whole or not at all, and what a store needs from its file system.
#pragma once

#include "store/os/forks.hpp"

#include <annals/result.hpp>

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace annals::store::files {

/// storage_full or store_failed, with the system's message for `code`, an errno.
error os_error(int code, std::string doing);

/// Permissions of a store's files and directories: the owner alone, or the group may read, too. Directories keep their setgid bit.
constexpr unsigned mode_of_file(bool readable_by_group) { return readable_by_group ? 0640 : 0600; }
constexpr unsigned mode_of_directory(bool readable_by_group) { return readable_by_group ? 0750 : 0700; }
/// Creates a directory for its owner alone, whatever the umask is.
result<void> create_private_directory(const std::filesystem::path& directory);
/// Gives these modes to the directory of a store and to everything in it that belongs to the store. The group that reads may
/// also write LMDB's reader tables (lock.mdb). Returns the first error if some could not be changed: files of another user cannot.
result<void> set_modes(const std::filesystem::path& store, bool readable_by_group);

/// fsync of a directory or file.
result<void> sync(const std::filesystem::path& path);

/// A directory under a temporary name. The destructor removes it unless become() succeeded.
class temporary {
public:
  explicit temporary(std::filesystem::path path) : path_(std::move(path)) {}
  temporary(temporary&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  temporary& operator=(temporary&&) = delete;
  ~temporary();

  const std::filesystem::path& path() const { return path_; }
  /// Syncs its content, renames it to `target`, which must not exist, and syncs the parent.
  result<void> become(const std::filesystem::path& target);

private:
  std::filesystem::path path_;
};

/// Creates the directory "<name>.new-<pid>" beside `target`.
result<temporary> temporary_beside(const std::filesystem::path& target);
/// The same for a copy of this store; bad_option if `target` lies inside the store.
result<temporary> temporary_for_copy(const std::filesystem::path& store, const std::filesystem::path& target);
/// Whether `path` is named as a temporary directory for `target`, left by a process that ended.
bool is_leftover_of(const std::filesystem::path& target, const std::filesystem::path& path);
/// Creates the directory and the missing ones above it, durably.
result<void> create_directories(const std::filesystem::path& directory);

/// Marks an empty file to be written in place. A copy-on-write file system needs free space for every write, even to blocks
/// that the file already has. Btrfs honours the mark; other file systems ignore it or do not need it.
void write_in_place(int fd);

/// The name of a network file system by its number (statfs, f_type); empty for all others.
std::string_view network_file_system(long type);
/// store_unsupported on a network file system, where neither locks nor memory maps can be trusted.
result<void> check_file_system(const std::filesystem::path& directory);

/// Adds to `why` that most damage of this kind comes from a torn copy, and what to do about it.
std::string perhaps_torn(std::string why);

/// The lock of the one writer. This object holds it while it lives, for this process alone: a forked child does not hold it.
class writer_lock {
public:
  /// store_locked, with the holder's pid, if another process holds it.
  static result<writer_lock> take(const std::filesystem::path& store);
  /// Also locks the log's data file, if it exists, so that removing the lock file does not let in a second writer. Errors as for take().
  result<void> cover_log(const std::filesystem::path& store);
  /// Whether any process holds the lock now.
  static bool is_held(const std::filesystem::path& store);

private:
  explicit writer_lock(int fd) : file_(fd) {}
  unshared_descriptor file_;
  std::optional<unshared_descriptor> log_;
};

}  // namespace annals::store::files
