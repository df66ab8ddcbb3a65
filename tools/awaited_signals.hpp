// The signals that end a command which runs until it is told to stop.
#pragma once

#include <csignal>
#include <ctime>
#include <initializer_list>

namespace tools {

/// The signals that this command waits for. Every thread that starts later leaves them to it, too.
class awaited_signals {
public:
  awaited_signals() {
    sigemptyset(&these_);
    for (const int one : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&these_, one);
    (void)pthread_sigmask(SIG_BLOCK, &these_, nullptr);
  }
  /// The next one, or 0 if none comes within this time, less than a second.
  int next(long nanoseconds = 50'000'000) const {
    const timespec moment{0, nanoseconds};
    const int got = sigtimedwait(&these_, nullptr, &moment);
    return got > 0 ? got : 0;
  }

private:
  sigset_t these_{};
};

inline bool is_end(int signal) { return signal == SIGTERM || signal == SIGINT; }

}  // namespace tools
