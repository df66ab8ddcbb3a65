// A few threads for calls that read the disk or wait, so that no link waits for them.
#pragma once

#include <annals/result.hpp>

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace annals::net {

class workers {
public:
  /// Errors: no_threads.
  static result<std::unique_ptr<workers>> start(std::size_t threads);
  ~workers() { stop(); }
  workers(const workers&) = delete;
  workers& operator=(const workers&) = delete;

  /// Runs `what` in one of the threads. How many wait is bounded by the credit of those who ask.
  void post(std::function<void()> what);
  /// Waits for what runs; what has not begun is dropped, and so is what comes later, also from what still runs.
  void stop();

private:
  workers() = default;
  void run();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> waiting_;
  bool ends_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace annals::net
