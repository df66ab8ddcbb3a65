#pragma once

#include "actors/environment.hpp"
#include "actors/messages.hpp"

namespace annals::actors {

struct journal_state {
  // One thing that came in, in order: an append, or a fence.
  struct item {
    append record;
    bool is_fence = false;
    fence barrier;
  };

  const environment* env = nullptr;
  std::vector<item> waiting;
  std::size_t done = 0;  // items of `waiting` that are answered
  position head = 0;     // durable
  timestamp last_time = 0;
  bool batch_is_open = false;
  bool held = false;  // no space: the batch is tried again
  std::chrono::milliseconds pause{0};
  std::vector<std::pair<position, fence>> held_fences;  // until the readable head is there

  static inline const char* name = "journal";
};

caf::behavior journal(caf::stateful_actor<journal_state>* self, const environment& env);

}  // namespace annals::actors
