// Where hosts' threads wait for what the actors do: until it is so, or until nothing more can come.
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
  /// Something that may be waited for has changed. Nearly free while nobody waits.
  void changed();
  /// Nothing more will come: every waiter is told so, now and later. The first reason counts.
  void end(const error& why);
  std::optional<error> ended() const;

  /// Waits until it holds. Errors: why that cannot come any more; timed_out.
  result<void> wait(std::chrono::milliseconds at_most, const std::function<bool()>& holds) const;

private:
  mutable std::mutex mutex_;
  mutable std::condition_variable told_;
  mutable std::atomic<std::size_t> waiting_{0};
  std::uint64_t changes_ = 0;  // guarded
  std::optional<error> why_;   // guarded
};

}  // namespace annals::actors
