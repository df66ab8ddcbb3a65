// CAF's scheduler, and its threads of actors, for a machine that may have no thread left. CAF 0.17 lets the exception of a thread
// that cannot be started pass where it ends the process, or where the actor system can never end.
#pragma once

#include <caf/all.hpp>

#include <functional>
#include <optional>
#include <system_error>
#include <utility>

namespace annals::actors {

/// Has the actor system use this scheduler: the one that CAF calls sharing, whose workers are woken at once. After the system is
/// made, `failed` is why its threads could not be started, if so; the system can then be destroyed, and nothing else.
void use_careful_scheduler(caf::actor_system_config& config, std::optional<std::system_error>& failed);

/// Spawns an actor with a thread of its own. Throws std::system_error when there is none, which leaves the system as it was but
/// for the memory of the actor.
template <class... Args>
caf::actor spawn_detached(caf::actor_system& system, Args&&... args) {
  try {
    return system.spawn<caf::detached>(std::forward<Args>(args)...);
  } catch (const std::system_error&) {
    // The actor is counted as one that runs, and its thread, too: nobody else would take them off.
    system.registry().dec_running();
    system.dec_detached_threads();
    throw;
  }
}

}  // namespace annals::actors
