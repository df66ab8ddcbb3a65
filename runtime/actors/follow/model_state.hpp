// A model, how far it is, and what it has set aside.
#pragma once

#include "actors/follow/parked_events.hpp"

#include <annals/detail/tables.hpp>
#include <annals/receipt.hpp>

#include <memory>
#include <vector>

namespace annals::actors {

/// A parked event that was applied in the end, right behind this position.
struct late_event {
  position at = 0;
  position behind = 0;
};

/// Every record up to `at` is applied, parked or skipped.
struct model_state {
  std::unique_ptr<detail::hosted_model> model;  // null: a process manager, which has no model
  position at = 0;
  parked_events parked;
  std::vector<late_event> late;  // since its newest image, in the order in which they were applied
};

}  // namespace annals::actors
