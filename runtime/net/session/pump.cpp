#include "net/session/pump.hpp"

#include <algorithm>
#include <exception>
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

/// What a turn that throws leaves undone is noticed by the other node: a message is missing, or an answer does not come in time.
std::optional<pump::steady::time_point> pump::turn(bool is_due) {
  try {
    // Cleared before the turn: what comes during it asks for another one.
    if (is_woken_.exchange(false)) work_.flush();
    if (is_due) return work_.tick();
  } catch (const std::exception& why) {
    if (work_.failed) work_.failed(why.what());
  } catch (...) {
    if (work_.failed) work_.failed("an exception that is not a std::exception");
  }
  return std::nullopt;
}

void pump::run() {
  auto due = steady::now();
  std::unique_lock lock{mutex_};
  while (!ends_) {
    const auto now = steady::now();
    lock.unlock();
    const bool is_due = now >= due;
    const auto next = turn(is_due);
    if (is_due) due = next ? std::min(std::max(*next, now), now + tick_at_least) : now + tick_at_least;
    lock.lock();
    changed_.wait_until(lock, due, [&] { return ends_ || is_woken_; });
  }
}

}  // namespace annals::net
