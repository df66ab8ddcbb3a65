#pragma once

#include "actors/base/environment.hpp"
#include "actors/follow/ports.hpp"

namespace annals::actors {

struct unhosted_skip_state {
  const environment* env = nullptr;
  std::string who;  // in the control table
  position at = 0;
  std::uint64_t number = 0;       // of the answer
  caf::actor gateway, index_writer;  // the environment may be gone before this is
  static inline const char* name = "unhosted_skip";
};

/// `who` is the name in the control table of whoever has parked it.
caf::behavior unhosted_skip(caf::stateful_actor<unhosted_skip_state>* self, const environment& env, const follow_ports& ports, std::string who,
                            position at, reply_address to);

}  // namespace annals::actors
