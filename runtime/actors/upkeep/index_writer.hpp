#pragma once

#include "actors/base/environment.hpp"
#include "actors/base/messages.hpp"
#include "actors/upkeep/messages.hpp"

#include <deque>
#include <map>

namespace annals::actors {

struct index_writer_state {
  const environment* env = nullptr;
  std::deque<flush_segment> waiting;
  std::size_t done = 0;                                     // runs of the first waiting segment that are written
  std::map<std::string, position> checkpoints;              // not written yet
  std::map<std::string, store::snapshot> snapshots;         // by stream: the newest, not written yet
  std::size_t snapshot_bytes = 0;                           // total size of their states
  std::map<std::string, std::vector<parked_event>> parked;  // by owner, not written yet
  bool parked_armed = false;
  bool armed = false;  // go_on is on its way
  static inline const char* name = "index_writer";
};

caf::behavior index_writer(caf::stateful_actor<index_writer_state>* self, const environment& env);

}  // namespace annals::actors
