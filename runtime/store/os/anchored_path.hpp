// A path relative to a directory that is held open. It leads to the same place after a chdir(), and after that directory or a
// parent of it was renamed. An open store uses these paths for everything that it does by name.
#pragma once

#include "store/os/descriptor.hpp"

#include <annals/result.hpp>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace annals::store {

class anchored_path {
public:
  /// Leads nowhere.
  anchored_path() = default;
  /// Opens this directory and keeps it open. If that fails, each use of the path returns an error.
  explicit anchored_path(const std::filesystem::path& directory);
  anchored_path operator/(std::string_view name) const;
  explicit operator bool() const { return root_ != nullptr; }

  /// The absolute name at the time the directory was opened. For messages only: the directory may have been renamed since.
  std::filesystem::path name() const { return name_ / below_; }
  /// Device and inode: the same for all names of one file or directory. Empty if the path does not exist.
  std::optional<std::pair<std::uint64_t, std::uint64_t>> identity() const;

  // Errors name the path: storage_full, or store_failed with the system's message.
  result<descriptor> open(int flags) const;
  /// Returns nothing if the file does not exist.
  result<std::optional<descriptor>> open_if_there(int flags) const;
  /// Opens a file for writing and creates it if it does not exist. Whatever the umask is, its group may read the file if the
  /// group may read the directory that is held open; others may not.
  result<descriptor> create(int flags) const;
  /// The same for a directory, which may exist already.
  result<void> create_directory() const;
  result<void> rename_to(const anchored_path& other) const;
  /// Succeeds if the file does not exist.
  result<void> remove() const;
  result<void> sync() const;
  /// The names in a directory, in no order; none if the directory does not exist.
  result<std::vector<std::string>> names() const;
  /// The size of the file; 0 if it cannot be read.
  std::uint64_t bytes() const;

private:
  error failed(std::string_view doing) const;
  int root() const { return root_ ? root_->get() : -1; }
  bool lets_group_in() const;

  std::shared_ptr<const descriptor> root_;
  std::filesystem::path name_;   // of the root
  std::filesystem::path below_;  // relative to it
};

}  // namespace annals::store
