#include "store/lmdb/file_check.hpp"

#include "store/lmdb/page_file.hpp"
#include "store/os/descriptor.hpp"
#include "store/os/files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <string>

namespace annals::store {

// A sound file can be shorter than its last page says if pages at its end were allocated and freed within one transaction.
// Only large deletes do that, and annals only adds to its tables or overwrites entries.
result<void> check_lmdb_file(const std::filesystem::path& directory) {
  const auto path = directory / "data.mdb";
  const auto refuse = [&](std::string why) { return error{errc::store_foreign, path.string(), std::move(why)}; };
  const descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (file.get() < 0) return errno == ENOENT ? refuse(std::strerror(errno)) : files::os_error(errno, "opening " + path.string());
  std::uint64_t needed = 0;
  std::string why;
  // A writer may be overwriting the meta pages while they are read: only real damage is still there at the last try.
  for (int times = 0; times < 100; ++times) {
    lmdb_format::meta metas[2]{};
    why.clear();
    for (std::uint64_t i = 0, page_bytes = 0; i < 2 && why.empty(); ++i, page_bytes = metas[0].free.pad) {
      auto& m = metas[i];
      const auto n = ::pread(file.get(), &m, sizeof m, static_cast<off_t>(i * page_bytes + sizeof(lmdb_format::page_header)));
      if (n < 0) return files::os_error(errno, "reading " + path.string());
      if (n != sizeof m)
        why = "the file is empty or truncated: meta page " + std::to_string(i) + " is missing";
      else if (const auto* wrong = wrong_in_meta(m, false))
        why = wrong;
    }
    const auto first = metas[0].transaction, second = metas[1].transaction;
    const auto& counts = metas[first < second];
    if (const auto* wrong = why.empty() ? wrong_in_meta(counts) : nullptr) why = wrong;
    if (why.empty() && metas[0].free.pad != metas[1].free.pad) why = "the meta pages name different page sizes";
    needed = (counts.last_page + 1) * counts.free.pad;
    const bool in_turn = counts.transaction == 0 || (first % 2 == 0 && (first > second ? first - second : second - first) == 1);
    if (why.empty() && !in_turn)
      why = "a meta page is damaged: the two are of transactions " + std::to_string(first) + " and " + std::to_string(second);
    if (why.empty()) break;
  }
  if (!why.empty()) return refuse(why);
  // Read the size after the meta pages: a writer extends the file before the meta pages say so.
  struct stat info{};
  if (::fstat(file.get(), &info) != 0) return files::os_error(errno, "checking " + path.string());
  const auto size = static_cast<std::uint64_t>(info.st_size);
  if (size < needed) return refuse("the file is truncated: " + std::to_string(size) + " bytes, " + std::to_string(needed) + " are in use");
  return {};
}

}  // namespace annals::store
