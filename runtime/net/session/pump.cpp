#include "net/session/pump.hpp"

#include <algorithm>
#include <system_error>
#include <utility>

namespace annals::net {

result<void> pump::start(work what) {
  work_ = std::move(what);
  try {
    thread_ = std::thread{[this] { run(); }};
  } catch (const std::system_error& why) {
    return error{errc::no_threads, "a thread for links could not be started", why.what()};
  }
  return {};
}

void pump::stop() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock{mutex_};
    ends_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void pump::run() {
  auto due = steady::now();
  std::unique_lock lock{mutex_};
  while (!ends_) {
    const auto now = steady::now();
    lock.unlock();
    // Cleared before the turn: what comes during it asks for another one.
    if (is_woken_.exchange(false)) work_.flush();
    if (now >= due) {
      const auto next = work_.tick();
      due = next ? std::min(std::max(*next, now), now + tick_at_least) : now + tick_at_least;
    }
    lock.lock();
    changed_.wait_until(lock, due, [&] { return ends_ || is_woken_; });
  }
}

}  // namespace annals::net
