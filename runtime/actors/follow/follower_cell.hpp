// A read model and how far it is, shared by its projector, which writes, and by direct reads.
#pragma once

#include "actors/follow/model_lock.hpp"
#include "actors/follow/model_state.hpp"

#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>  // std::shared_lock

namespace annals::actors {

struct model_cell : model_state {
  std::string name;
  mutable model_lock mutex;
  std::size_t under_way = 0;  // a process manager's observations and commands that are not answered yet
  std::size_t held = 0;       // its commands that this runtime cannot handle
  std::optional<error> stopped;
  bool begun = false;  // it follows the log
  position ready_at = 0;                 // before, it answers nobody who has not said how long to wait
  std::optional<position> rebuilt_to;    // how far the model is that is built anew beside it

  error not_ready() const {
    return {errc::not_ready, "the model is being built",
            name + " is at position " + std::to_string(at) + ", the log was at " + std::to_string(ready_at), 0, at};
  }
};

}  // namespace annals::actors
