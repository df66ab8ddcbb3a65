// A disk that fails on demand: the test program defines its own write calls, which LMDB uses instead of libc's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

namespace disk_faults {

/// The steps of a commit in LMDB: pages, a sync, then the meta page through a descriptor opened with O_DSYNC; the front (the
/// write-ahead log) opens its file in the same way. A copy of the environment uses plain writes. `space` allocates space in a
/// file before it is needed.
enum class step { page, sync, synced, copy, space };

struct fault {
  step at;
  std::size_t times = 1;     ///< this many calls of this kind fail
  int code = 0;              ///< errno; 0: a short write
  bool done_anyway = false;  ///< the call fails, but takes effect
  std::size_t after = 0;     ///< this many calls of this kind succeed first
};

/// Armed while it lives; one at a time, for the thread that created it.
class armed {
public:
  explicit armed(fault f);
  armed(const armed&) = delete;
  armed& operator=(const armed&) = delete;
  ~armed();
  /// The number of calls that failed so far.
  std::size_t failed() const;
};

/// While it lives, `happens` is called once, at the next pread of this thread.
class meanwhile {
public:
  explicit meanwhile(std::function<void()> happens);
  meanwhile(const meanwhile&) = delete;
  meanwhile& operator=(const meanwhile&) = delete;
  ~meanwhile();
};

/// While it lives, file systems report to this thread that they have this many bytes left.
class nearly_full {
public:
  explicit nearly_full(std::uint64_t bytes_left);
  nearly_full(const nearly_full&) = delete;
  nearly_full& operator=(const nearly_full&) = delete;
  ~nearly_full();
};

}  // namespace disk_faults
