#include "ops/http/pool.hpp"

#include <pthread.h>
#include <sys/socket.h>

#include <csignal>
#include <system_error>
#include <utility>

namespace annals::ops {

std::thread start_thread(std::function<void()> run) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  try {
    std::thread started{std::move(run)};
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return started;
  } catch (...) {
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    throw;
  }
}

error no_threads(const std::system_error& why) { return {errc::no_threads, "a thread of the console could not be started", why.code().message()}; }

result<std::unique_ptr<pool>> pool::start(std::size_t threads, std::function<void(connection&)> serve) {
  std::unique_ptr<pool> made{new pool};
  made->serve_ = std::move(serve);
  made->served_.reserve(threads);  // so that a thread needs no memory for it
  try {
    for (std::size_t n = 0; n < threads; ++n) made->threads_.push_back(start_thread([in = made.get()] { in->work(); }));
  } catch (const std::system_error& why) {
    return no_threads(why);
  }
  return made;
}

pool::~pool() { close(); }

bool pool::add(std::unique_ptr<connection>& one) {
  const std::lock_guard lock{mutex_};
  if (closed_ || waiting_.size() >= waiting_max) return false;
  waiting_.push_back(std::move(one));
  changed_.notify_one();
  return true;
}

void pool::close() {
  {
    const std::lock_guard lock{mutex_};
    closed_ = true;
    waiting_.clear();
    for (auto* each : served_) ::shutdown(each->fd(), SHUT_RDWR);
    changed_.notify_all();
  }
  for (auto& each : threads_) each.join();
  threads_.clear();
}

void pool::work() {
  for (std::unique_lock lock{mutex_};;) {
    changed_.wait(lock, [this] { return closed_ || !waiting_.empty(); });
    if (closed_) return;
    auto one = std::move(waiting_.front());
    waiting_.pop_front();
    served_.push_back(one.get());
    lock.unlock();
    serve_(*one);
    lock.lock();
    std::erase(served_, one.get());
    lock.unlock();
    one.reset();
    lock.lock();
  }
}

}  // namespace annals::ops
