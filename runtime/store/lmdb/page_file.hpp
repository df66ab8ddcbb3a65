// LMDB's file, mapped for reading and never trusted: every page that it hands out lies within the file.
#pragma once

#include "store/lmdb/format.hpp"

#include <annals/result.hpp>

#include <atomic>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace annals::store {

/// Safe for any number of threads at once.
class page_file {
public:
  /// Maps `map_bytes` of address space; 0 means the current size of the file. If `opened` is given, maps the file that this
  /// descriptor is open for, whatever is at the path now; the caller keeps the descriptor.
  static result<std::unique_ptr<page_file>> open(const std::filesystem::path& file, std::uint64_t map_bytes, int opened = -1);
  ~page_file();
  page_file(const page_file&) = delete;
  page_file& operator=(const page_file&) = delete;

  std::size_t page_bytes() const { return page_bytes_; }
  const std::filesystem::path& path() const { return path_; }
  /// Null if the file has no such page. The memory is the file's: another process may change it.
  const char* page(std::uint64_t number) const {
    if (number >= pages_.load(std::memory_order_relaxed) && !has(number)) return nullptr;
    if (number < unreadable_.size() && unreadable_[number]) return nullptr;
    return base_ + number * page_bytes_;
  }
  /// Excludes these pages: the disk cannot read them, and touching them would end the process. Call it before the first use.
  void exclude(std::vector<bool> unreadable) { unreadable_ = std::move(unreadable); }
  /// The meta page that this transaction wrote; empty if it is damaged or has been overwritten by a later transaction.
  std::optional<lmdb_format::meta> meta_of(std::uint64_t transaction) const;
  /// "page 7, at byte 28672 of FILE, is damaged".
  std::string damaged(std::uint64_t number) const;

private:
  page_file() = default;
  bool has(std::uint64_t number) const;

  std::filesystem::path path_;
  int file_ = -1;
  const char* base_ = nullptr;
  std::uint64_t map_bytes_ = 0;
  std::size_t page_bytes_ = 0;
  std::vector<bool> unreadable_;
  mutable std::atomic<std::uint64_t> pages_{0};  // as of the last look at the file
};

/// What is wrong with a meta page; null if nothing. `counts` is false for the one that is not current: its roots may hold
/// anything, since LMDB restores only the last page and the transaction number after the newest meta page could not be written.
const char* wrong_in_meta(const lmdb_format::meta& m, bool counts = true);

}  // namespace annals::store
