// A read model and how far it is, shared by its projector, which writes, and by direct reads.
#pragma once

#include "actors/model_lock.hpp"

#include <annals/detail/tables.hpp>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>  // std::shared_lock

namespace annals::actors {

struct model_cell {
  std::string name;
  mutable model_lock mutex;
  std::condition_variable_any moved;  // `at` has grown, or it stopped
  std::unique_ptr<detail::hosted_model> model;  // null: a process manager, which has no model
  position at = 0;
  std::size_t under_way = 0;  // a process manager's observations and commands that are not answered yet
  std::optional<error> stopped;
};

}  // namespace annals::actors
