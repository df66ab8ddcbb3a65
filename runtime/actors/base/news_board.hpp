// Host threads wait here until a condition holds that actors bring about, or until it can no longer come true.
#pragma once

#include <annals/result.hpp>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>

namespace annals::actors {

class news_board {
public:
  /// Wakes the waiting threads to check their conditions. Nearly free while no thread waits.
  void changed();
  /// Ends all waits, present and future, with this error. The first reason counts.
  void end(const error& why);
  std::optional<error> ended() const;

  /// Waits until `holds()` is true. Errors: the reason given to end(); timed_out.
  result<void> wait(std::chrono::milliseconds at_most, const std::function<bool()>& holds) const;

private:
  mutable std::mutex mutex_;
  mutable std::condition_variable notified_;
  mutable std::atomic<std::size_t> waiting_{0};
  std::uint64_t changes_ = 0;  // guarded
  std::optional<error> why_;   // guarded
};

}  // namespace annals::actors
