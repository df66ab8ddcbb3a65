#include "net/session/pump.hpp"

#include <algorithm>
#include <exception>
#include <system_error>
#include <utility>

namespace annals::net {
namespace {

/// How long the next message is held back after one of this size. A message costs several thread switches at both ends, so under load it
/// should hold many frames. After a small message there is no pause. With thousands of calls in flight the pause is `longest`, a small part
/// of each call's latency.
std::chrono::microseconds pause_after(std::size_t bytes) {
  constexpr std::chrono::microseconds shortest{50}, longest{300};
  constexpr std::size_t bytes_a_microsecond = 64;  // about half a command's frame
  const auto pause = std::min(std::chrono::microseconds{bytes / bytes_a_microsecond}, longest);
  return pause < shortest ? std::chrono::microseconds{0} : pause;
}

}  // namespace

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

/// A turn that throws leaves work undone. The other node notices: a message is missing, or an answer does not come in time.
template <class Turn>
auto pump::guarded(const Turn& turn) const -> decltype(turn()) {
  const auto failed = [this](std::string_view why) {
    if (work_.failed) work_.failed(why);
  };
  try {
    return turn();
  } catch (const std::exception& why) {
    failed(why.what());
  } catch (...) {
    failed("an exception that is not a std::exception");
  }
  return {};
}

void pump::run() {
  auto due = steady::now(), may_flush = due;
  std::unique_lock lock{mutex_};
  while (!ends_) {
    const auto now = steady::now();
    lock.unlock();
    // Cleared before the turn: what comes during it asks for another one.
    if (now >= may_flush && is_woken_.exchange(false))
      if (const auto pause = pause_after(guarded(work_.flush)); pause.count() > 0) may_flush = steady::now() + pause;
    if (now >= due) {
      const auto next = guarded(work_.tick);
      due = next ? std::min(std::max(*next, now), now + tick_at_least) : now + tick_at_least;
    }
    lock.lock();
    if (is_woken_ && steady::now() < may_flush)
      (void)changed_.wait_until(lock, std::min(due, may_flush), [&] { return ends_; });
    else
      (void)changed_.wait_until(lock, due, [&] { return ends_ || is_woken_; });
  }
}

}  // namespace annals::net
