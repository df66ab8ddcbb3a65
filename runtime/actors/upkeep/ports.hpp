// The actors that the drainer sends to. Filled by the engine before the first message, read-only afterwards.
#pragma once

#include <caf/all.hpp>

namespace annals::actors {

struct upkeep_ports {
  caf::actor journal;
  caf::actor gateway;
};

}  // namespace annals::actors
