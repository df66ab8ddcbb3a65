// A start over a long log, or the wait for a node elsewhere, takes long. A signal ends the process then.
#pragma once

#include "tools/awaited_signals.hpp"

#include <cstdlib>
#include <thread>

namespace tools {

/// While it lives, a signal ends the process: nothing has been taken, and the next start finds a sound store.
class interruptible_start {
public:
  explicit interruptible_start(const awaited_signals& signals)
      : thread_([&signals](const std::stop_token& started) {
          while (!started.stop_requested())
            if (is_end(signals.next())) std::_Exit(0);
        }) {}

private:
  std::jthread thread_;
};

}  // namespace tools
