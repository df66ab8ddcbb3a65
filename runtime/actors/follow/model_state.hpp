// A model, its position, and its parked events.
#pragma once

#include "actors/dead_letters/parked_events.hpp"

#include <annals/detail/tables.hpp>
#include <annals/receipt.hpp>

#include <memory>
#include <vector>

namespace annals::actors {

/// The parked event at `at`, which was applied later: right after the event at position `applied_after`.
struct late_event {
  position at = 0;
  position applied_after = 0;
};

/// Every record up to `at` is applied, parked or skipped.
struct model_state {
  std::unique_ptr<detail::hosted_model> model;  // null: a process manager, which has no model
  position at = 0;
  parked_events parked;
  std::vector<late_event> late;  // since its newest image, in the order of application
};

}  // namespace annals::actors
