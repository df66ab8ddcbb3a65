#include "actors/base/scheduler.hpp"

#include <caf/policy/work_sharing.hpp>
#include <caf/scheduler/coordinator.hpp>

#include <mutex>

namespace annals::actors {
namespace {

/// Ends the worker that takes it.
class last_job final : public caf::resumable {
public:
  resume_result resume(caf::execution_unit*, std::size_t) override { return shutdown_execution_unit; }
  void intrusive_ptr_add_ref_impl() override {}
  void intrusive_ptr_release_impl() override {}
};

class careful_scheduler final : public caf::scheduler::coordinator<caf::policy::work_sharing> {
  using sharing = caf::scheduler::coordinator<caf::policy::work_sharing>;

public:
  careful_scheduler(caf::actor_system& system, std::optional<std::system_error>& failed) : sharing(system), failed_(failed) {}

protected:
  void start() override {
    try {
      sharing::start();
    } catch (const std::system_error& why) {
      failed_ = why;
      // The printer's thread is started last. If only that one is missing, everything else can be stopped as usual.
      only_printer_is_missing_ = system().detached_actors() > 0;
    }
  }

  void stop() override {
    if (!failed_) return sharing::stop();
    if (only_printer_is_missing_) return stop_without_printer();
    // Some workers run; the clock and the printer do not.
    last_job last;
    for (std::size_t i = 0; i < num_workers(); ++i)
      if (worker_by_id(i)->get_thread().joinable()) enqueue(&last);
    for (std::size_t i = 0; i < num_workers(); ++i)
      if (auto& worker = worker_by_id(i)->get_thread(); worker.joinable()) worker.join();
    const std::lock_guard lock{data().lock};
    for (auto* job : data().queue) cleanup_and_release(job);
    data().queue.clear();
  }

private:
  void stop_without_printer() {
    {
      caf::scoped_actor ended{system(), true};  // stands in for the printer: stop() waits for its end, and it has ended by then
      utility_actors_[0] = caf::actor_cast<caf::actor>(ended.ptr());
    }
    system().dec_detached_threads();
    sharing::stop();
  }

  std::optional<std::system_error>& failed_;
  bool only_printer_is_missing_ = false;
};

}  // namespace

void use_careful_scheduler(caf::actor_system_config& config, std::optional<std::system_error>& failed) {
  config.module_factories.push_back(
      [&failed](caf::actor_system& system) -> caf::actor_system::module* { return new careful_scheduler{system, failed}; });
}

}  // namespace annals::actors
