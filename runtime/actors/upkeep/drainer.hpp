#pragma once

#include "actors/base/environment.hpp"
#include "actors/base/messages.hpp"
#include "actors/upkeep/messages.hpp"
#include "actors/upkeep/ports.hpp"

namespace annals::actors {

struct drainer_state {
  const environment* env = nullptr;
  const upkeep_ports* ports = nullptr;
  bool armed = false;   // go_on is on its way
  bool full = false;    // no space; it tries again after a pause
  bool failed = false;  // the log failed: every `write_control` is answered with that
  std::vector<write_control> waiting;
  std::chrono::milliseconds pause{0};

  static inline const char* name = "drainer";
};

caf::behavior drainer(caf::stateful_actor<drainer_state>* self, const environment& env, const upkeep_ports& ports);

}  // namespace annals::actors
