#pragma once

#include "actors/environment.hpp"
#include "actors/messages.hpp"

namespace annals::actors {

struct unhosted_skip_state {
  const environment* env = nullptr;
  parked_now left;
  position at = 0;
  reply_address to;
  static inline const char* name = "unhosted_skip";
};

/// `left` is what stays parked of the one whose event at this position is skipped, under its name in the control table.
caf::behavior unhosted_skip(caf::stateful_actor<unhosted_skip_state>* self, const environment& env, parked_now left, position at,
                            reply_address to);

}  // namespace annals::actors
