#include "store/lmdb/page_file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bit>
#include <cerrno>
#include <cstring>

namespace annals::store {

using namespace lmdb_format;

const char* wrong_in_meta(const meta& m, bool counts) {
  if (m.magic != magic || m.version != 1) return "not an LMDB file";
  if (m.free.pad < 512 || m.free.pad > 65536 || !std::has_single_bit(m.free.pad)) return "the page size is impossible";
  const auto is_table = [&](const table& t) {
    return t.root == no_page ? t.depth == 0 : t.root >= 2 && t.root <= m.last_page && t.depth >= 1 && t.depth <= depth_max;
  };
  constexpr std::uint16_t of_tables = 0x7e;  // bits that describe a table; the environment's flags share the field
  const bool sound =
      (m.free.flags & of_tables) == integer_keys && (m.main.flags & of_tables) == 0 && m.last_page >= 1 && m.last_page <= m.map_bytes / m.free.pad;
  return sound && (!counts || (is_table(m.free) && is_table(m.main))) ? nullptr : "a meta page is damaged";
}

result<std::unique_ptr<page_file>> page_file::open(const std::filesystem::path& file, std::uint64_t map_bytes, int opened) {
  std::unique_ptr<page_file> made{new page_file};
  made->path_ = file;
  const auto failed = [&](const char* doing) { return error{errc::store_failed, doing + file.string(), std::strerror(errno)}; };
  made->file_ = opened >= 0 ? ::fcntl(opened, F_DUPFD_CLOEXEC, 0) : ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (made->file_ < 0) return failed("opening ");
  struct stat info{};
  if (::fstat(made->file_, &info) != 0) return failed("checking ");
  meta m{};
  if (::pread(made->file_, &m, sizeof m, sizeof(page_header)) != sizeof m)
    return error{errc::store_foreign, file.string(), "the file is empty or truncated"};
  made->page_bytes_ = std::has_single_bit(m.free.pad) && m.free.pad >= 512 && m.free.pad <= 65536 ? m.free.pad : 4096;
  made->map_bytes_ = map_bytes ? map_bytes : static_cast<std::uint64_t>(info.st_size);
  void* const at = ::mmap(nullptr, made->map_bytes_, PROT_READ, MAP_SHARED | MAP_NORESERVE, made->file_, 0);
  if (at == MAP_FAILED) {
    auto why = failed("mapping ");
    why.detail += ": not enough address space for a map of " + std::to_string(made->map_bytes_) + " bytes";
    return why;
  }
  made->base_ = static_cast<const char*>(at);
  ::madvise(at, made->map_bytes_, MADV_RANDOM);  // no read-ahead, as MDB_NORDAHEAD does in LMDB
  return made;
}

page_file::~page_file() {
  if (base_) ::munmap(const_cast<char*>(base_), map_bytes_);
  if (file_ >= 0) ::close(file_);
}

bool page_file::has(std::uint64_t number) const {
  struct stat info{};
  if (::fstat(file_, &info) != 0) return false;
  const auto pages = std::min<std::uint64_t>(static_cast<std::uint64_t>(info.st_size), map_bytes_) / page_bytes_;
  pages_.store(pages, std::memory_order_relaxed);
  return number < pages;
}

std::optional<meta> page_file::meta_of(std::uint64_t transaction) const {
  const char* const at = page(transaction % 2);
  if (!at) return std::nullopt;
  // Read it twice: the transaction after the next overwrites this meta page, perhaps just now.
  const auto m = read_as<meta>(at + sizeof(page_header));
  std::atomic_thread_fence(std::memory_order_acquire);
  const auto again = read_as<meta>(at + sizeof(page_header));
  if (m.transaction != transaction || std::memcmp(&m, &again, sizeof m) != 0 || wrong_in_meta(m)) return std::nullopt;
  return m;
}

std::string page_file::damaged(std::uint64_t number) const {
  return "page " + std::to_string(number) + ", at byte " + std::to_string(number * page_bytes_) + " of " + path_.string() + ", is damaged";
}

}  // namespace annals::store
