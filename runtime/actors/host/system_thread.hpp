// The thread that CAF's actor system lives in: there it is made, spawns what hosts ask for, and is destroyed. CAF leaves a
// reference to the system in each thread that made it or spawned, and the system does not end before these threads do; it is
// gone, too, before static objects are. So hosts' threads never have one.
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
  /// `fill` has the configuration; without a thread of its own the system lives in the caller's, as simulation wants it.
  /// Errors: no_threads.
  static result<std::unique_ptr<system_thread>> start(const std::function<void(caf::actor_system_config&)>& fill, bool own_thread);
  /// Destroys the system, which waits for all its actors and threads.
  ~system_thread();
  system_thread(const system_thread&) = delete;
  system_thread& operator=(const system_thread&) = delete;

  caf::actor_system& system() { return *in_->system; }

  /// Has it done in the thread, after what it was given before. The future has what was thrown.
  std::future<void> post(std::function<void()> what);
  /// The same, and waits; throws what was thrown.
  void run(std::function<void()> what) { post(std::move(what)).get(); }
  /// The thread, for who ends it: it takes this as its last work, in which this object is destroyed.
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
  std::thread::id id_;  // none: the caller's
};

}  // namespace annals::actors
