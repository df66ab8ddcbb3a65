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
  std::map<std::string, std::deque<std::function<void()>>> dropped;  // destroyed without the lock
  {
    const std::lock_guard lock{mutex_};
    ends_ = true;
    dropped.swap(waiting_);
    turns_.clear();
  }
  changed_.notify_all();
  for (auto& one : threads_)
    if (one.joinable()) one.join();
}

void workers::post(const std::string& peer, std::function<void()> what) {
  {
    const std::lock_guard lock{mutex_};
    if (ends_) return;
    auto& of_peer = waiting_[peer];
    if (of_peer.empty()) turns_.push_back(peer);
    of_peer.push_back(std::move(what));
  }
  changed_.notify_one();
}

void workers::run() {
  for (;;) {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [&] { return ends_ || !turns_.empty(); });
    if (turns_.empty()) return;
    auto peer = std::move(turns_.front());
    turns_.pop_front();
    const auto of_peer = waiting_.find(peer);
    const auto next = std::move(of_peer->second.front());
    of_peer->second.pop_front();
    if (of_peer->second.empty())
      waiting_.erase(of_peer);
    else
      turns_.push_back(std::move(peer));
    lock.unlock();
    try {
      next();
    } catch (...) {  // no memory, say: the caller's time-out answers it
    }
  }
}

}  // namespace annals::net
