// A few threads for calls that read the disk or wait, so that no link waits for them. Peers take turns: one that asks for a lot delays
// itself.
#pragma once

#include <annals/result.hpp>

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
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

  /// Runs `what` in one of the threads, in its turn among the calls of this peer. How many wait is bounded by the credit of those who ask.
  void post(const std::string& peer, std::function<void()> what);
  /// Waits for what runs; what has not begun is dropped, and so is what comes later, also from what still runs.
  void stop();

private:
  workers() = default;
  void run();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, std::deque<std::function<void()>>> waiting_;  // by peer; none is empty
  std::deque<std::string> turns_;                                     // each peer that waits, once
  bool ends_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace annals::net
