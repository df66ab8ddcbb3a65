// The thread that gives passive parts their turns: when they are woken, and when it is time.
#pragma once

#include <annals/result.hpp>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <thread>

namespace annals::net {

class pump {
public:
  using steady = std::chrono::steady_clock;
  struct work {
    std::function<std::size_t()> flush;                       // after each wake(); returns the bytes that it has sent
    std::function<std::optional<steady::time_point>()> tick;  // when it is due, and at least every `tick_at_least`
    std::function<void(std::string_view why)> failed;         // a turn threw, for example bad_alloc; the thread goes on. Optional
  };
  static constexpr std::chrono::milliseconds tick_at_least{20};

  /// Turns begin with start(). wake() before that is kept.
  pump() = default;
  /// Errors: no_threads.
  result<void> start(work what);
  /// Waits for the turn that runs. No further one begins.
  void stop();
  ~pump() { stop(); }
  pump(const pump&) = delete;
  pump& operator=(const pump&) = delete;

  /// From any thread, also in a turn.
  void wake() {
    if (is_woken_.exchange(true)) return;
    const std::lock_guard lock{mutex_};
    changed_.notify_one();
  }

private:
  void run();
  /// What the function of `work` returns, or nothing if it throws.
  template <class Turn>
  auto guarded(const Turn& turn) const -> decltype(turn());

  work work_;
  std::atomic<bool> is_woken_{false};
  std::mutex mutex_;
  std::condition_variable changed_;
  bool ends_ = false;  // guarded
  std::thread thread_;
};

}  // namespace annals::net
