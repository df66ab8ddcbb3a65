#pragma once

#include "actors/base/environment.hpp"
#include "actors/base/messages.hpp"
#include "actors/follow/messages.hpp"

namespace annals::actors {

struct event_bus_state {
  position head = 0;  // readable; on the commit bus: durable
  std::vector<after> waiting;
  static inline const char* name = "event_bus";
};

caf::behavior event_bus(caf::stateful_actor<event_bus_state>* self, position head);

}  // namespace annals::actors
