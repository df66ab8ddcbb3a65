#include "store/measure.hpp"

#include "store/statistics.hpp"

#include <fcntl.h>
#include <sys/statvfs.h>

namespace annals::store {
namespace {

std::uint64_t free_at(const anchored_path& directory) {
  const auto opened = directory.open(O_RDONLY | O_DIRECTORY);
  struct statvfs found{};
  if (!opened || ::fstatvfs(opened->get(), &found) != 0) return 0;
  return std::uint64_t{found.f_bavail} * found.f_frsize;
}

}  // namespace

measured measure(const opened& store) {
  measured seen;
  if (store.log) seen.log = store.log->usage();
  if (store.derived) seen.derived = store.derived->usage();
  seen.log_disk_free = free_at(store.where / "log");
  seen.derived_disk_free = free_at(store.where / "derived");
  seen.log_bytes = (store.where / "log" / "data.mdb").bytes();
  seen.front_bytes = (store.where / "log" / "front").bytes();
  seen.derived_bytes = (store.where / "derived" / "data.mdb").bytes();
  seen.image_bytes = bytes_in(store.where / "derived" / "images");
  return seen;
}

}  // namespace annals::store
