// A process may have a limit on the size of its files (RLIMIT_FSIZE). A write that would pass it sends SIGXFSZ, which ends the
// process; in a thread that blocks the signal it only fails, with EFBIG.
#pragma once

#include <csignal>

namespace annals::store {

/// From now on, in this thread and in those that it starts: for threads of our own.
void block_size_signal();

/// While it lives, in this thread: for calls in the host's. Does not outlive the call.
class size_signal_blocked {
public:
  size_signal_blocked();
  size_signal_blocked(const size_signal_blocked&) = delete;
  size_signal_blocked& operator=(const size_signal_blocked&) = delete;
  /// What came meanwhile is gone.
  ~size_signal_blocked();

private:
  sigset_t before_{};
};

}  // namespace annals::store
