// Opens a store directory: what is created, what is refused, and what is dropped and rebuilt.
#pragma once

#include "store/derived/derived_store.hpp"
#include "store/derived/images.hpp"
#include "store/log/log.hpp"
#include "store/os/anchored_path.hpp"
#include "store/os/files.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace annals::store {

class lmdb_log;

struct open_options {
  bool create = true;              ///< create the store if the directory is missing or empty
  bool read_only = false;          ///< beside a writer, or without one; creates and changes nothing
  bool readable_by_group = false;  ///< files 0640 and directories 0750, instead of 0600 and 0700
  bool accept_loss = false;        ///< begin a new history even if derived state knows of records that the log has lost
  /// Opens a copy that follows another log and is not written otherwise: a replica's.
  bool is_copy = false;
  /// The log that it follows. Creates the copy if the directory is missing or empty. Nothing: an existing copy of any log.
  std::optional<log_identity> copy_of = std::nullopt;
  std::uint64_t front_bytes_min = std::uint64_t{256} << 10;
  std::uint64_t front_bytes_max = std::uint64_t{64} << 20;
  std::uint64_t log_map_bytes = std::uint64_t{256} << 30;
  std::uint64_t derived_map_bytes = std::uint64_t{64} << 30;
  std::function<void(const std::string&)> warn;  ///< called with a message about what is dropped; may be empty
};

/// One open store. The derived store is null if the store is open read only and derived/ is missing or unusable: then readers scan the log.
struct opened {
  std::optional<files::writer_lock> lock;
  std::shared_ptr<void> registered;  // registers the directory as open in this process
  anchored_path where;
  std::unique_ptr<store::log> log;
  std::uint64_t recovered = 0;  // records of the front that the opening has moved to LMDB
  lmdb_log* copy = nullptr;     // `log`, if it is a copy that follows another one
  std::unique_ptr<derived_store> derived;
  std::unique_ptr<store::images> images;  // null if the derived store is null
  std::string why_no_derived;
  bool derived_is_damaged = false;  // derived/ exists and is unusable
};

/// Whether the store in this directory is a replica, or a backup that no writer has opened yet. Changes nothing.
result<bool> is_copy(const std::filesystem::path& directory);

result<std::unique_ptr<opened>> open_store(const std::filesystem::path& directory, const open_options& with);

}  // namespace annals::store
