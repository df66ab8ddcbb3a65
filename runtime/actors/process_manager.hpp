#pragma once

#include "actors/dispatcher.hpp"
#include "actors/model_cell.hpp"
#include "actors/router.hpp"

namespace annals::actors {

struct process_manager_state {
  const environment* env = nullptr;
  std::shared_ptr<model_cell> cell;  // how far the log is followed, and why it stopped
  std::optional<annals::actors::router> router;
  std::optional<annals::actors::dispatcher> dispatcher;
  std::uint64_t next_number = 1;
  position observed = 0;    // up to here by an earlier runtime
  position start_head = 0;  // sending begins when the log has been followed up to here
  position saved = 0;
  bool asked_bus = false;
  bool going_on = false;
  std::optional<timestamp> alarm;
  static inline const char* name = "process_manager";
};

caf::behavior process_manager(caf::stateful_actor<process_manager_state>* self, const environment& env,
                              const detail::process_table& table, find_table find, std::shared_ptr<model_cell> cell,
                              recipient me);

}  // namespace annals::actors
