// CAF's scheduler and detached actors on a machine that may have no thread left. If a thread cannot be started, CAF 0.17 lets the
// exception escape at a place where it ends the process, or where the actor system can never end.
#pragma once

#include <caf/all.hpp>

#include <functional>
#include <optional>
#include <system_error>
#include <utility>

namespace annals::actors {

/// Makes the actor system use this scheduler, which is CAF's "sharing": its workers are woken at once. If the threads could not be
/// started, `failed` has the reason after the system is made; the system can then only be destroyed.
void use_careful_scheduler(caf::actor_system_config& config, std::optional<std::system_error>& failed);

/// Spawns an actor with a thread of its own. Throws std::system_error if no thread can be started; the system is then unchanged, except
/// that the actor's memory is not freed.
template <class... Args>
caf::actor spawn_detached(caf::actor_system& system, Args&&... args) {
  try {
    return system.spawn<caf::detached>(std::forward<Args>(args)...);
  } catch (const std::system_error&) {
    // CAF has counted the actor and its thread as running, and would not correct that.
    system.registry().dec_running();
    system.dec_detached_threads();
    throw;
  }
}

}  // namespace annals::actors
