// The threads that answer requests, and the connections that wait for one.
#pragma once

#include "ops/http/connection.hpp"

#include <annals/result.hpp>

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace annals::ops {

class pool {
public:
  static constexpr std::size_t waiting_max = 64;

  /// `serve` must not throw. Errors: no_threads.
  static result<std::unique_ptr<pool>> start(std::size_t threads, std::function<void(connection&)> serve);
  /// As close().
  ~pool();

  /// False if too many wait already, or the pool is closed; then the connection stays the caller's.
  bool add(std::unique_ptr<connection>& one);
  /// Breaks off all connections, and waits until nothing is being served.
  void close();

private:
  pool() = default;
  void work();

  std::function<void(connection&)> serve_;
  std::mutex mutex_;
  std::condition_variable changed_;
  // guarded:
  std::deque<std::unique_ptr<connection>> waiting_;
  std::vector<connection*> served_;
  bool closed_ = false;

  std::vector<std::thread> threads_;
};

/// Starts a thread that takes no signal of the host's. Throws std::system_error.
std::thread start_thread(std::function<void()> run);

/// The error for a thread that could not be started.
error no_threads(const std::system_error& why);

}  // namespace annals::ops
