// LMDB's file, mapped to be read and never to be trusted: a page that it hands out lies within the file.
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

/// For any threads at once.
class page_file {
public:
  /// `map_bytes` of address space; 0: as much as the file has now. With `opened`, the file that this is open for, whatever is at the path
  /// now; it stays the caller's.
  static result<std::unique_ptr<page_file>> open(const std::filesystem::path& file, std::uint64_t map_bytes, int opened = -1);
  ~page_file();
  page_file(const page_file&) = delete;
  page_file& operator=(const page_file&) = delete;

  std::size_t page_bytes() const { return page_bytes_; }
  const std::filesystem::path& path() const { return path_; }
  /// Null where the file has no such page. The memory is the file's: another process may change it.
  const char* page(std::uint64_t number) const {
    if (number >= pages_.load(std::memory_order_relaxed) && !has(number)) return nullptr;
    if (number < unreadable_.size() && unreadable_[number]) return nullptr;
    return base_ + number * page_bytes_;
  }
  /// These pages are not touched: the disk cannot read them, which would end the process. Before the first use.
  void leave_out(std::vector<bool> unreadable) { unreadable_ = std::move(unreadable); }
  /// The meta page that this transaction has written; empty when it is another one's by now, or damaged.
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
  mutable std::atomic<std::uint64_t> pages_{0};  // that the file had when it was looked at last
};

/// What is wrong with a meta page; null: nothing. In the one that does not count, roots may be anything: where the newest could not be
/// written, LMDB writes back the number of pages and of the transaction only.
const char* wrong_in_meta(const lmdb_format::meta& m, bool counts = true);

}  // namespace annals::store
