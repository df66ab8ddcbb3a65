// A path below a directory that is held open: it leads to the same place after a chdir(), and after that directory, or one
// above it, was renamed. For all that a store does by name once it is open.
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
  /// Holds this directory open. When it cannot be opened, each use of the path is an error.
  explicit anchored_path(const std::filesystem::path& directory);
  anchored_path operator/(std::string_view name) const;
  explicit operator bool() const { return root_ != nullptr; }

  /// As it was called when the directory was opened, absolute. For messages: it may have another name by now.
  std::filesystem::path name() const { return name_ / below_; }
  /// Device and inode: the same for all names of one file or directory. Nothing when there is none.
  std::optional<std::pair<std::uint64_t, std::uint64_t>> identity() const;

  // Errors name the path: storage_full, or store_failed with what the system said.
  result<descriptor> open(int flags) const;
  /// Nothing when there is no such file.
  result<std::optional<descriptor>> open_if_there(int flags) const;
  /// Opens a file for writing, which is made when it is not there. Whatever the umask says, its group may read it if the
  /// directory that is held open lets the group in, and others may not.
  result<descriptor> create(int flags) const;
  /// The same for a directory, which may be there already.
  result<void> create_directory() const;
  result<void> rename_to(const anchored_path& other) const;
  /// What is not there is removed already.
  result<void> remove() const;
  result<void> sync() const;
  /// The names in a directory, in no order; none when it is not there.
  result<std::vector<std::string>> names() const;
  /// Of a file; 0 when it cannot be looked at.
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
