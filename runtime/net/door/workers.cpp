#include "net/door/workers.hpp"

#include <system_error>
#include <utility>

namespace annals::net {

result<std::unique_ptr<workers>> workers::start(std::size_t threads) {
  std::unique_ptr<workers> made{new workers};
  try {
    for (std::size_t i = 0; i < threads; ++i) made->threads_.emplace_back([all = made.get()] { all->run(); });
  } catch (const std::system_error& why) {
    return error{errc::no_threads, "a thread for the calls of peers could not be started", why.what()};
  }
  return made;
}

void workers::stop() {
  std::deque<std::function<void()>> dropped;
  {
    const std::lock_guard lock{mutex_};
    ends_ = true;
    dropped.swap(waiting_);
  }
  changed_.notify_all();
  for (auto& one : threads_)
    if (one.joinable()) one.join();
}

void workers::post(std::function<void()> what) {
  {
    const std::lock_guard lock{mutex_};
    if (ends_) return;
    waiting_.push_back(std::move(what));
  }
  changed_.notify_one();
}

void workers::run() {
  for (;;) {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [&] { return ends_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    const auto next = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    next();
  }
}

}  // namespace annals::net
