// A read model and its position: written by its projector, read by host threads. A process manager has a cell without a model.
#pragma once

#include "actors/follow/model_lock.hpp"
#include "actors/follow/model_state.hpp"
#include "store/log/owner_names.hpp"

#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>  // std::shared_lock
#include <string>
#include <utility>

namespace annals::actors {

struct follower_cell : model_state {
  explicit follower_cell(store::owner_name of) : owner(std::move(of)), name(owner.plain()) {}

  const store::owner_name owner;
  const std::string name;  // as hosts use it
  mutable model_lock mutex;
  std::size_t under_way = 0;  // a process manager's observations and commands without an answer yet
  std::size_t held = 0;       // a process manager's commands that this runtime cannot handle
  std::optional<error> stopped;
  bool begun = false;                  // it follows the log
  position ready_at = 0;               // below this position, calls without a time-out get not_ready
  std::optional<position> rebuilt_to;  // position of the model that is being rebuilt beside this one

  error not_ready() const {
    return {errc::not_ready, "the model is being built",
            name + " is at position " + std::to_string(at) + ", the log was at " + std::to_string(ready_at), 0, at};
  }
};

}  // namespace annals::actors
