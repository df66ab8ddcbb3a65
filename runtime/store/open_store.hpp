// Opening a store directory: what is created, what is refused, what is dropped and built again.
#pragma once

#include "store/derived/images.hpp"
#include "store/derived/index.hpp"
#include "store/log/log.hpp"
#include "store/os/anchored_path.hpp"
#include "store/os/files.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace annals::store {

struct open_options {
  bool create = true;        ///< when the directory is missing or empty
  bool read_only = false;    ///< beside a writer, or without one; creates and changes nothing
  bool readable_by_group = false;  ///< files 0640 and directories 0750, in place of 0600 and 0700
  bool accept_loss = false;  ///< although derived state knows more of the log than there is: a new history
  std::uint64_t front_bytes_min = std::uint64_t{256} << 10;
  std::uint64_t front_bytes_max = std::uint64_t{64} << 20;
  std::uint64_t log_map_bytes = std::uint64_t{256} << 30;
  std::uint64_t derived_map_bytes = std::uint64_t{64} << 30;
  std::function<void(const std::string&)> warn;  ///< told of what is dropped; may be empty
};

/// One open store. The index is null when it is read only and derived/ is not there or of no use: then readers scan.
struct opened {
  std::optional<files::writer_lock> lock;
  std::shared_ptr<void> registered;  // this process has it open
  anchored_path where;
  std::unique_ptr<store::log> log;
  std::unique_ptr<store::index> index;
  std::unique_ptr<store::images> images;  // null with the index
  std::string why_no_index;
  bool index_is_damaged = false;  // it is there and of no use
};

result<std::unique_ptr<opened>> open_store(const std::filesystem::path& directory, const open_options& with);

}  // namespace annals::store
