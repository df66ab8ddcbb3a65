#pragma once

#include "actors/follow/follower_cell.hpp"
#include "actors/follow/messages.hpp"
#include "actors/follow/parked_notices.hpp"
#include "actors/follow/ports.hpp"
#include "actors/processes/dispatcher.hpp"
#include "actors/processes/parking.hpp"
#include "actors/processes/router.hpp"
#include "actors/upkeep/messages.hpp"

namespace annals::actors {

struct process_manager_state {
  const environment* env = nullptr;
  const follow_ports* ports = nullptr;
  std::shared_ptr<model_cell> cell;  // how far the log is followed, and why it stopped
  std::optional<annals::actors::parking> parked;  // what the two below share
  std::optional<parked_notices> notices;
  std::optional<annals::actors::router> router;
  std::optional<annals::actors::dispatcher> dispatcher;
  std::uint64_t next_number = 1;
  position observed = 0;    // up to here by an earlier runtime
  position start_head = 0;  // sending begins when the log has been followed up to here
  position saved = 0;
  position image_at = 0;  // of the newest image
  std::map<position, std::vector<reply_address>> retries;
  std::deque<skip_parked> skipping;  // the first is being kept in the log's control table
  std::map<position, std::vector<skip_parked>> skips_later;  // when the try that is under way has ended
  bool begun = false;
  bool has_let_go = false;  // of what was taken over and is no input any more
  bool asked_bus = false;
  bool going_on = false;
  std::optional<timestamp> alarm;
  static inline const char* name = "process_manager";
};

using process_manager_ptr = caf::stateful_actor<process_manager_state>*;

/// What others see of it: how far it is, what is under way, and what is parked; all at once.
void show(process_manager_ptr self, position reached);
void stop(process_manager_ptr self, const error& why);
/// Sends, fires, and sees to it that this is called again when there is more to do.
void advance(process_manager_ptr self);

// In process_manager_image.cpp.
/// Keeps what is open now, when the log has been followed so much further than at the last time.
void keep_open(process_manager_ptr self, position least);
/// The newest image, if there is one, is where the log is followed from.
void begin_with_image(process_manager_ptr self);

// In process_manager_parked.cpp.
/// What an earlier runtime has parked is parked from the beginning.
void take_over_parked(process_manager_ptr self);
/// With the log read up to the start: what is parked and no input of the present program any more is let go.
void let_go_of_strangers(process_manager_ptr self);
void take(process_manager_ptr self, const retry_parked& order);
void take(process_manager_ptr self, const skip_parked& order);
void take(process_manager_ptr self, const kept& decided);
/// Instances whose cause was handled by hand go on.
void settle_tried(process_manager_ptr self);
/// It has stopped: whoever waits for a try is told.
void refuse_waiting(process_manager_ptr self);
void show_parked(process_manager_ptr self);

caf::behavior process_manager(process_manager_ptr self, const environment& env, const follow_ports& ports,
                              const detail::process_table& table, find_table find, std::shared_ptr<model_cell> cell,
                              recipient me);

}  // namespace annals::actors
