#pragma once

#include "actors/environment.hpp"
#include "actors/messages.hpp"

#include <deque>

namespace annals::actors {

struct loader_state {
  const environment* env = nullptr;
  store::stream_reader* reader = nullptr;                              // shared with hosts
  std::deque<std::shared_ptr<const store::tail_segment>> closed;  // to be written when all of it is readable
  bool flush_is_armed = false;
  static inline const char* name = "loader";
};

caf::behavior loader(caf::stateful_actor<loader_state>* self, const environment& env);

}  // namespace annals::actors
