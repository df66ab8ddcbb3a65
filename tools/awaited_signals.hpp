// The signals that end a command which runs until it is told to stop.
#pragma once

#include <csignal>
#include <ctime>

namespace tools {

/// The signals that this command waits for. Every thread that starts later leaves them to it, too.
class awaited_signals {
public:
  awaited_signals() {
    sigemptyset(&these_);
    for (const int one : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&these_, one);
    (void)pthread_sigmask(SIG_BLOCK, &these_, nullptr);
  }
  /// The next one, or 0 if none comes within a moment.
  int next() const {
    constexpr timespec moment{0, 50'000'000};
    const int got = sigtimedwait(&these_, nullptr, &moment);
    return got > 0 ? got : 0;
  }

private:
  sigset_t these_{};
};

bool is_end(int signal) { return signal == SIGTERM || signal == SIGINT; }

}  // namespace tools
