#include "actors/base/news_board.hpp"

#include "actors/base/longest_wait.hpp"

#include <algorithm>

namespace annals::actors {

void news_board::changed() {
  // The caller has changed something and then reads `waiting_`. A waiter raises `waiting_` and then checks: one of them sees the other.
  std::atomic_thread_fence(std::memory_order_seq_cst);
  if (waiting_.load() == 0) return;
  {
    const std::lock_guard lock{mutex_};
    ++changes_;
  }
  notified_.notify_all();
}

void news_board::end(const error& why) {
  {
    const std::lock_guard lock{mutex_};
    if (!why_) why_ = why;
    ++changes_;
  }
  notified_.notify_all();
}

std::optional<error> news_board::ended() const {
  const std::lock_guard lock{mutex_};
  return why_;
}

result<void> news_board::wait(std::chrono::milliseconds at_most, const std::function<bool()>& holds) const {
  struct counted {
    std::atomic<std::size_t>& all;
    explicit counted(std::atomic<std::size_t>& of) : all(of) { ++all; }
    ~counted() { --all; }
  } const one{waiting_};
  std::atomic_thread_fence(std::memory_order_seq_cst);
  const auto until = std::chrono::steady_clock::now() + std::clamp<std::chrono::milliseconds>(at_most, std::chrono::milliseconds{0}, longest_wait);
  for (std::unique_lock lock{mutex_};;) {
    const auto before = changes_;
    lock.unlock();
    if (holds()) return {};
    lock.lock();
    if (why_) return *why_;
    if (!notified_.wait_until(lock, until, [&] { return changes_ != before; })) return error{errc::timed_out, "the wait has timed out"};
  }
}

}  // namespace annals::actors
