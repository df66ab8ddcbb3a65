#include "actors/host/system_thread.hpp"

#include "actors/base/scheduler.hpp"
#include "store/os/size_signal.hpp"

#include <system_error>
#include <utility>

namespace annals::actors {

error no_threads(const std::system_error& why) {
  return {errc::no_threads, "no thread could be started", why.code().message() + ": the limit of processes, or of the container's pids, is reached"};
}

void system_thread::inside::make(const std::function<void(caf::actor_system_config&)>& fill, bool own_thread) {
  config = std::make_unique<caf::actor_system_config>();
  if (own_thread) use_careful_scheduler(*config, failed);
  fill(*config);
  system = std::make_unique<caf::actor_system>(*config);
  if (failed) {
    destroy();
    throw *failed;
  }
}

void system_thread::inside::destroy() {
  system.reset();
  config.reset();
}

void system_thread::inside::work() {
  store::block_size_signal();
  for (std::unique_lock lock{mutex};;) {
    changed.wait(lock, [&] { return ends || !jobs.empty(); });
    if (jobs.empty()) return;
    auto job = std::move(jobs.front());
    jobs.pop_front();
    lock.unlock();
    job();
    lock.lock();
  }
}

result<std::unique_ptr<system_thread>> system_thread::start(const std::function<void(caf::actor_system_config&)>& fill, bool own_thread) {
  std::unique_ptr<system_thread> made{new system_thread};
  try {
    if (own_thread) {
      made->thread_ = std::thread{[in = made->in_] { in->work(); }};
      made->id_ = made->thread_.get_id();
    }
    made->run([&] { made->in_->make(fill, own_thread); });
  } catch (const std::system_error& why) {
    return no_threads(why);
  }
  return made;
}

std::future<void> system_thread::post(std::function<void()> what) {
  std::packaged_task<void()> job{std::move(what)};
  auto done = job.get_future();
  if (id_ == std::thread::id{} || id_ == std::this_thread::get_id()) {
    job();
    return done;
  }
  const auto in = in_;  // the job may destroy this object
  {
    const std::lock_guard lock{in->mutex};
    in->jobs.push_back(std::move(job));
  }
  in->changed.notify_one();
  return done;
}

std::thread system_thread::finish(std::function<void()> what) {
  auto thread = std::move(thread_);
  (void)post(std::move(what));
  return thread;
}

system_thread::~system_thread() {
  run([in = in_.get()] { in->destroy(); });
  {
    const std::lock_guard lock{in_->mutex};
    in_->ends = true;
  }
  in_->changed.notify_one();
  if (thread_.joinable()) thread_.join();
}

}  // namespace annals::actors
