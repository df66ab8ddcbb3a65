// A process may have a limit on the size of its files (RLIMIT_FSIZE). A write beyond it sends SIGXFSZ, which ends the
// process. In a thread that blocks the signal, the write only fails with EFBIG.
#pragma once

#include <csignal>

namespace annals::store {

/// Blocks the signal in this thread and in the threads that it starts. For threads that annals owns.
void block_size_signal();

/// Blocks the signal in this thread while the object lives. For calls on a thread of the host.
class size_signal_blocked {
public:
  size_signal_blocked();
  size_signal_blocked(const size_signal_blocked&) = delete;
  size_signal_blocked& operator=(const size_signal_blocked&) = delete;
  /// Discards the signal if it arrived in the meantime.
  ~size_signal_blocked();

private:
  sigset_t before_{};
};

}  // namespace annals::store
