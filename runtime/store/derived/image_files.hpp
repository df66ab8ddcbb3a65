// Images (snapshots of read models) on disk, one file each: <store>/derived/images/<model>.<position, 20 digits>. In the
// name, every byte except letters, digits, "_" and "-" is written as "%" and two hex digits.
//
//   file    head parked bytes
//   head    "annals image" 0 0 0 0 · format:u32 · length of the model's name:u32 · store:32 hex digits · history:u64 ·
//           shape:u64 · at:u64 · checksum:u64 · bytes of parked:u64 · bytes of the model:u64 · checksum of parked and
//           bytes:u64 · checksum of the head up to here and the name:u64 · name
//
// Numbers are little-endian. Checksums are XXH3, 64 bits; the one after `at` is that of the log's record at `at`. A file is
// written under another name (with ".part" appended), synced and then renamed: it exists whole or not at all, and a bad one was damaged later.
#pragma once

#include "store/derived/images.hpp"
#include "store/log/log.hpp"
#include "store/os/anchored_path.hpp"

#include <filesystem>
#include <vector>

namespace annals::store {

class image_files final : public images {
public:
  /// The images in this directory, which the first write() creates. Holds the parent directory open.
  image_files(const std::filesystem::path& directory, const log_identity& of);

  result<void> write(const image& one, const std::function<bool()>& may_go_on) override;
  result<std::optional<image>> newest(std::string_view model, std::uint64_t shape, position newest) const override;
  result<void> drop(std::string_view model) override;

  std::vector<image_head> heads() const override;
  result<checked_images> check() const override;
  /// Removes half-written files of processes that ended.
  result<void> remove_leftovers() const;

private:
  struct image_file {
    position at = 0;
    anchored_path path;
  };
  result<std::vector<image_file>> files_of(std::string_view model) const;  // newest first

  anchored_path directory_;
  log_identity of_;
};

}  // namespace annals::store
