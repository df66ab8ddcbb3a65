// Whom those who follow the log tell and ask: projectors, process managers, subscriptions. Filled by the engine before the first
// message, read-only afterwards.
#pragma once

#include "actors/base/ports.hpp"

#include <caf/all.hpp>

namespace annals::actors {

struct follow_ports {
  caf::actor event_bus;   // says that readers see more
  caf::actor commit_bus;  // says that more is durable; null if there are no process managers
  caf::actor drainer;
  caf::actor index_writer;
  caf::actor image_maker;
  const actors::recipients* recipients = nullptr;
  const command_port* commands = nullptr;  // for process managers
};

}  // namespace annals::actors
