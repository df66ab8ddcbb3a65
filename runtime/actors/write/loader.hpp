#pragma once

#include "actors/base/environment.hpp"
#include "actors/base/messages.hpp"
#include "actors/write/ports.hpp"

#include <deque>
#include <memory>
#include <variant>

namespace annals::actors {

/// A job that needs the tail to have reached a position. Jobs run in order.
struct waiting_job {
  position needs = 0;
  std::variant<load, look_back, look_further, take_snapshot, catch_up> what;
};

struct loader_state {
  const environment* env = nullptr;
  const write_ports* ports = nullptr;
  store::stream_reader* reader = nullptr;                         // shared with hosts
  std::deque<std::shared_ptr<const store::tail_segment>> closed;  // segments to be written when all of their records are readable
  std::deque<waiting_job> waiting;
  bool flush_is_armed = false;
  bool follows = false;         // it has asked the event bus, so `grown` will come
  bool index_is_stuck = false;  // the index writer could not write its present segment
  static inline const char* name = "loader";
};

caf::behavior loader(caf::stateful_actor<loader_state>* self, const environment& env, const write_ports& ports);

}  // namespace annals::actors
