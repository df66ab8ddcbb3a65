// The actors that followers of the log (projectors, process managers, subscriptions) send to. Filled by the engine before the first
// message, read-only afterwards.
#pragma once

#include "actors/base/ports.hpp"

#include <caf/all.hpp>

namespace annals::actors {

struct follow_ports {
  caf::actor event_bus;   // tells when more is readable
  caf::actor commit_bus;  // tells when more is durable; null if there are no process managers
  caf::actor drainer;
  caf::actor index_writer;
  caf::actor image_maker;
  const actors::recipients* recipients = nullptr;
  const command_port* commands = nullptr;  // for process managers
};

}  // namespace annals::actors
