// A disk that fails on demand: the test program puts its own write calls before libc's, and LMDB finds them first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

namespace disk_faults {

/// What LMDB does in a commit: pages, a sync, then the meta page through a descriptor opened with O_DSYNC, as the front is
/// for its batches. A copy of the environment is written with plain writes.
/// `space` is what is set aside in a file before it is needed.
enum class step { page, sync, synced, copy, space };

struct fault {
  step at;
  std::size_t times = 1;      ///< so many calls of this kind fail
  int code = 0;               ///< errno; 0: a short write
  bool done_anyway = false;   ///< the call fails, and its effect is there all the same
  std::size_t after = 0;      ///< so many calls of this kind are let through first
};

/// Armed while it lives; one at a time, for the thread that made it.
class armed {
public:
  explicit armed(fault f);
  armed(const armed&) = delete;
  armed& operator=(const armed&) = delete;
  ~armed();
  /// How many calls failed so far.
  std::size_t failed() const;
};

/// While it lives, `happens` is called once, in the middle of whatever this thread reads from a file next.
class meanwhile {
public:
  explicit meanwhile(std::function<void()> happens);
  meanwhile(const meanwhile&) = delete;
  meanwhile& operator=(const meanwhile&) = delete;
  ~meanwhile();
};

/// While it lives, this thread's file systems say that they have so many bytes left, and no more.
class nearly_full {
public:
  explicit nearly_full(std::uint64_t bytes_left);
  nearly_full(const nearly_full&) = delete;
  nearly_full& operator=(const nearly_full&) = delete;
  ~nearly_full();
};

}  // namespace disk_faults
