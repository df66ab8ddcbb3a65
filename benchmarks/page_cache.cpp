#include "benchmarks/page_cache.hpp"

#include "benchmarks/must.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

namespace bench {
namespace {

/// The number of pages of this file that are in memory.
std::size_t pages_in_memory(int fd, std::size_t bytes, std::size_t page_bytes) {
  void* mapped = ::mmap(nullptr, bytes, PROT_READ, MAP_SHARED, fd, 0);
  if (mapped == MAP_FAILED) fail("mapping a file");
  std::vector<unsigned char> pages((bytes + page_bytes - 1) / page_bytes);
  if (::mincore(mapped, bytes, pages.data()) != 0) fail("asking which pages are in memory");
  ::munmap(mapped, bytes);
  return static_cast<std::size_t>(std::count_if(pages.begin(), pages.end(), [](unsigned char p) { return (p & 1) != 0; }));
}

}  // namespace

double drop_from_page_cache(const std::filesystem::path& directory) {
  const auto page_bytes = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  std::size_t pages = 0, left = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator{directory}) {
    if (!entry.is_regular_file() || entry.file_size() == 0) continue;
    const int fd = ::open(entry.path().c_str(), O_RDONLY);
    if (fd < 0) fail("opening " + entry.path().string());
    const auto bytes = static_cast<std::size_t>(entry.file_size());
    ::fdatasync(fd);  // dirty pages would stay
    ::posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
    pages += (bytes + page_bytes - 1) / page_bytes;
    left += pages_in_memory(fd, bytes, page_bytes);
    ::close(fd);
  }
  return pages == 0 ? 0 : static_cast<double>(left) / static_cast<double>(pages);
}

}  // namespace bench
