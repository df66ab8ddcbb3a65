// The figures of the last ten minutes, so that the charts of a page that opens now begin with them.
#pragma once

#include "ops/json.hpp"

#include <annals/metrics.hpp>
#include <annals/receipt.hpp>
#include <annals/view.hpp>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <thread>

namespace annals {
class runtime;
}

namespace annals::ops {

/// Thread-safe.
class past_figures {
public:
  static constexpr std::chrono::seconds every{5};
  static constexpr std::chrono::seconds kept{600};

  ~past_figures() { close(); }
  /// Takes a sample every 5 s, in a thread of its own. `rt` is null beside the program. Both must outlive close(). Errors: no_threads.
  result<void> start(const view& of, const runtime* rt);
  /// Notes a sample, and drops those that are older than ten minutes then; after a clock that was set back, all of them. `measured` is null beside
  /// the program.
  void note(timestamp at, position head, std::uint64_t log_bytes, const metrics* measured);
  /// All samples, the oldest first, each with what /api/overview has of them.
  json samples() const;
  void close();

private:
  struct sample {
    timestamp at;
    json figures;
  };
  void look(const view& of, const runtime* rt);

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  // guarded:
  std::deque<sample> samples_;
  bool closed_ = false;

  std::thread thread_;
};

}  // namespace annals::ops
