#include "support/store/disk_faults.hpp"

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/statvfs.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <utility>

namespace {

thread_local std::optional<disk_faults::fault> waiting;
thread_local std::size_t failures = 0;
thread_local std::function<void()> happens_at_next_read;
thread_local std::optional<std::uint64_t> bytes_left;

template <class Function>
Function* next(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

bool is_synced(int fd) { return (::fcntl(fd, F_GETFL) & O_DSYNC) != 0; }

/// Makes the call, or fails it, or both.
template <class Call>
ssize_t pass(disk_faults::step at, ssize_t bytes, Call&& call) {
  if (!waiting || waiting->at != at || waiting->times == 0) return call();
  if (waiting->after > 0) {
    --waiting->after;
    return call();
  }
  --waiting->times;
  ++failures;
  const auto f = *waiting;
  if (f.done_anyway) call();
  if (f.code == 0) return bytes / 2;
  errno = f.code;
  return -1;
}

/// After a meta page that "failed" but was written, LMDB writes the old one back: that fails, too.
bool swallows_the_undoing(int fd) {
  return waiting && waiting->at == disk_faults::step::synced && waiting->done_anyway && failures > 0 && !is_synced(fd);
}

}  // namespace

namespace disk_faults {

armed::armed(fault f) {
  failures = 0;
  waiting = f;
}
armed::~armed() { waiting.reset(); }
std::size_t armed::failed() const { return failures; }

meanwhile::meanwhile(std::function<void()> happens) { happens_at_next_read = std::move(happens); }
meanwhile::~meanwhile() { happens_at_next_read = nullptr; }

nearly_full::nearly_full(std::uint64_t bytes) { bytes_left = bytes; }
nearly_full::~nearly_full() { bytes_left.reset(); }

}  // namespace disk_faults

extern "C" {

ssize_t pwrite64(int fd, const void* from, size_t bytes, off64_t at) {
  if (swallows_the_undoing(fd)) return -1;
  const auto step = is_synced(fd) ? disk_faults::step::synced : disk_faults::step::page;
  return pass(step, static_cast<ssize_t>(bytes), [&] { return next<ssize_t(int, const void*, size_t, off64_t)>("pwrite64")(fd, from, bytes, at); });
}

ssize_t pwrite(int fd, const void* from, size_t bytes, off_t at) { return pwrite64(fd, from, bytes, at); }

ssize_t pread64(int fd, void* to, size_t bytes, off64_t at) {
  if (happens_at_next_read) std::exchange(happens_at_next_read, nullptr)();
  return next<ssize_t(int, void*, size_t, off64_t)>("pread64")(fd, to, bytes, at);
}

ssize_t pread(int fd, void* to, size_t bytes, off_t at) { return pread64(fd, to, bytes, at); }

ssize_t writev(int fd, const iovec* parts, int count) {
  ssize_t bytes = 0;
  for (int i = 0; i < count; ++i) bytes += static_cast<ssize_t>(parts[i].iov_len);
  return pass(disk_faults::step::page, bytes, [&] { return next<ssize_t(int, const iovec*, int)>("writev")(fd, parts, count); });
}

ssize_t write(int fd, const void* from, size_t bytes) {
  return pass(disk_faults::step::copy, static_cast<ssize_t>(bytes),
              [&] { return next<ssize_t(int, const void*, size_t)>("write")(fd, from, bytes); });
}

int fstatvfs(int fd, struct statvfs* out) {
  const int rc = next<int(int, struct statvfs*)>("fstatvfs")(fd, out);
  if (rc == 0 && bytes_left) out->f_bavail = *bytes_left / out->f_frsize;
  return rc;
}

int fallocate(int fd, int mode, off_t at, off_t bytes) {
  return static_cast<int>(
      pass(disk_faults::step::space, 0, [&] { return ssize_t{next<int(int, int, off_t, off_t)>("fallocate")(fd, mode, at, bytes)}; }));
}

int fdatasync(int fd) {
  return static_cast<int>(pass(disk_faults::step::sync, 0, [&] { return ssize_t{next<int(int)>("fdatasync")(fd)}; }));
}
}
