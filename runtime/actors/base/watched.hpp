// How actors are spawned. If a watched actor dies, the runtime stops with the reason: requests to that actor would never be answered, so
// every waiting caller gets an error with that reason instead.
#pragma once

#include "actors/base/environment.hpp"
#include "actors/base/scheduler.hpp"

#include <caf/all.hpp>

#include <exception>
#include <utility>

namespace annals::actors {

/// The exit reason of an actor that has thrown: the text of the exception.
caf::error death_by(std::exception_ptr& thrown);

/// Called by the actor itself, before anything else.
void watch(caf::scheduled_actor* self, const environment& env);

/// The actor's function, with watch() called first.
template <class State, class... Takes>
auto watched(const environment& env, caf::behavior (*begin)(caf::stateful_actor<State>*, Takes...)) {
  return [begin, &env](caf::stateful_actor<State>* self, Takes... with) -> caf::behavior {
    watch(self, env);
    return begin(self, std::forward<Takes>(with)...);
  };
}

template <caf::spawn_options Options = caf::no_spawn_options, class State, class... Takes, class... Args>
caf::actor spawn_watched(caf::actor_system& system, const environment& env, caf::behavior (*begin)(caf::stateful_actor<State>*, Takes...),
                         Args&&... args) {
  return system.spawn<Options>(watched(env, begin), std::forward<Args>(args)...);
}

/// Spawns an actor that blocks, on the disk or in the host's code, in a thread of its own. Throws as spawn_detached().
template <class State, class... Takes, class... Args>
caf::actor spawn_blocking(caf::actor_system& system, const environment& env, caf::behavior (*begin)(caf::stateful_actor<State>*, Takes...),
                          Args&&... args) {
  if (env.own_threads) return spawn_detached(system, watched(env, begin), std::forward<Args>(args)...);
  return spawn_watched(system, env, begin, std::forward<Args>(args)...);
}

}  // namespace annals::actors
