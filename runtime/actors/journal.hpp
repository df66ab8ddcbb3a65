#pragma once

#include "actors/environment.hpp"
#include "actors/messages.hpp"

namespace annals::actors {

struct journal_state {
  const environment* env = nullptr;
  handed_batch taken;  // empty between messages; keeps its memory
  struct item {
    handed_over what;
    char* records;  // in one of `buffers`
  };
  std::vector<item> waiting;
  std::size_t done = 0;  // items of `waiting` that are answered
  std::vector<std::unique_ptr<std::string>> buffers;  // records of what waits
  position head = 0;     // durable
  timestamp last_time = 0;
  bool held = false;  // what waits is tried again: when there is space or room
  bool full = false;  // no space
  bool closing = false;
  std::chrono::milliseconds pause{0};
  std::vector<std::pair<position, handed_over>> held_fences;  // until the readable head is there

  static inline const char* name = "journal";
};

caf::behavior journal(caf::stateful_actor<journal_state>* self, const environment& env);

}  // namespace annals::actors
