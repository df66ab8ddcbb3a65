#pragma once

#include "actors/base/environment.hpp"
#include "actors/follow/ports.hpp"

namespace annals::actors {

struct unhosted_skip_state {
  const environment* env = nullptr;
  std::string who;  // the owner's name in the control table
  position at = 0;
  std::uint64_t number = 0;       // under which the gateway expects the answer
  caf::actor gateway, index_writer;  // copies: the environment may be gone before this actor
  static inline const char* name = "unhosted_skip";
};

/// `who`: the owner of the parked event, by its name in the control table.
caf::behavior unhosted_skip(caf::stateful_actor<unhosted_skip_state>* self, const environment& env, const follow_ports& ports, std::string who,
                            position at, reply_address to);

}  // namespace annals::actors
