// The thread that CAF's actor system lives in: the system is made, spawns actors and is destroyed there. CAF leaves a reference to the
// system in each thread that made it or spawned an actor, and the system cannot end before these threads do. It must also be gone before
// static objects are destroyed. So host threads never get such a reference.
#pragma once

#include <annals/result.hpp>

#include <caf/all.hpp>

#include <condition_variable>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>

namespace annals::actors {

error no_threads(const std::system_error& why);

class system_thread {
public:
  /// `fill` fills in the configuration. Without `own_thread` the system lives in the caller's thread, as simulation needs it.
  /// Errors: no_threads.
  static result<std::unique_ptr<system_thread>> start(const std::function<void(caf::actor_system_config&)>& fill, bool own_thread);
  /// Destroys the system, which waits for all its actors and threads.
  ~system_thread();
  system_thread(const system_thread&) = delete;
  system_thread& operator=(const system_thread&) = delete;

  caf::actor_system& system() { return *in_->system; }

  /// Runs `what` in the thread, after earlier jobs. The future has the exception if it throws.
  std::future<void> post(std::function<void()> what);
  /// The same, and waits; rethrows the exception.
  void run(std::function<void()> what) { post(std::move(what)).get(); }
  /// Runs `what` as the last job of the thread; `what` destroys this object. Returns the thread, for the caller to join or detach.
  std::thread finish(std::function<void()> what);

private:
  struct inside {
    std::mutex mutex;
    std::condition_variable changed;
    std::deque<std::packaged_task<void()>> jobs;  // guarded
    bool ends = false;                            // guarded
    std::unique_ptr<caf::actor_system_config> config;
    std::optional<std::system_error> failed;  // why the system's threads could not be started
    std::unique_ptr<caf::actor_system> system;

    void make(const std::function<void(caf::actor_system_config&)>& fill, bool own_thread);
    void destroy();
    void work();
  };

  system_thread() = default;

  std::shared_ptr<inside> in_ = std::make_shared<inside>();
  std::thread thread_;
  std::thread::id id_;  // none: the system lives in the caller's thread
};

}  // namespace annals::actors
