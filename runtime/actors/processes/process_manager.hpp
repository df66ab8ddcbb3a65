#pragma once

#include "actors/base/environment.hpp"
#include "actors/dead_letters/messages.hpp"
#include "actors/dead_letters/parked_notices.hpp"
#include "actors/dead_letters/skip_queue.hpp"
#include "actors/follow/follower_cell.hpp"
#include "actors/follow/messages.hpp"
#include "actors/follow/ports.hpp"
#include "actors/processes/inbound.hpp"
#include "actors/processes/outbox.hpp"
#include "actors/processes/parking.hpp"
#include "actors/processes/timers.hpp"
#include "actors/processes/unanswered_commands.hpp"
#include "actors/upkeep/messages.hpp"

#include <caf/all.hpp>

#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace annals::actors {

struct process_manager_state {
  /// The diagram is in process_manager.cpp.
  enum class phase : std::uint8_t { starting, catching_up, live, closing };

  const environment* env = nullptr;
  const follow_ports* ports = nullptr;
  const detail::process_table* table = nullptr;
  phase now = phase::starting;
  std::shared_ptr<follower_cell> cell;            // how far the log has been followed, and why it stopped
  std::optional<annals::actors::parking> parked;  // shared by the three below
  std::optional<annals::actors::inbound> inbound;
  std::optional<annals::actors::outbox> outbox;
  std::optional<annals::actors::timers> timers;
  std::optional<parked_notices> notices;
  position observed = 0;             // an earlier runtime has observed everything up to here
  position start_head = 0;           // sending begins when the log has been followed up to here
  position saved = 0;                // the newest checkpoint
  std::optional<store_image> image;  // made, and sent when readers see all that it refers to
  position image_at = 0;             // of the newest image
  std::map<position, std::vector<reply_address>> retries;
  skip_queue skips;
  std::map<position, std::vector<skip_parked>> skips_later;  // until the attempt that is under way has ended
  bool asked_bus = false;
  bool going_on = false;  // a go_on is on its way
  std::optional<timestamp> alarm;
  timestamp reached_time = 0;  // of the record that was followed last, or of the image's
  unanswered_commands unanswered;
  // What has been added to the meters of the cell.
  annals::actors::inbound::tally observed_count;
  annals::actors::parking::tally parked_count;
  std::uint64_t held_version = 0;             // of the held commands that the cell shows
  std::optional<position> readable_at_close;  // when the closing process manager last waited for the drainer
  static inline const char* name = "process_manager";
};

using process_manager_ptr = caf::stateful_actor<process_manager_state>*;

/// The head to follow is the durable one: no step waits until LMDB has the step before.
inline position head_of(const process_manager_state& s) { return s.env->log->durable(); }
/// Publishes, all at once, how far the process manager has come, how much is under way, and what is parked.
void show(process_manager_ptr self, position reached);
void stop(process_manager_ptr self, const error& why);
/// Takes one record into account: as the result of a command, and as an entry in the stream of an instance.
result<void> follow_streams(process_manager_ptr self, const record_view& record);
/// Hands these records, in order, to the inbound, as if they had just been read.
result<void> observe_again(process_manager_ptr self, const std::vector<position>& these);
/// Sends the messages of its parts, fires timers, and makes sure that it is called again when there is more to do.
void advance(process_manager_ptr self);
/// The log has been read up to the head of the start: from now on, open commands are sent.
void go_live(process_manager_ptr self);

// In process_manager_sending.cpp.
/// Handles the answer to something that the process manager has sent.
void on_answer(process_manager_ptr self, const answer& reply);
/// Sends everything that can be sent, and reports errors to the host.
void send_all(process_manager_ptr self);

// In process_manager_image.cpp.
/// Makes an image of the open inputs, if at least `least` records were followed since the last one. Sends it once LMDB has all of them.
void save_open_inputs(process_manager_ptr self, position least);
/// Starts from the newest image, if there is one.
void begin_with_image(process_manager_ptr self);

// In process_manager_parked.cpp.
/// Parks what an earlier runtime had parked.
void take_over_parked(process_manager_ptr self);
/// Drops parked events that are not inputs of the present program any more.
void drop_orphans(process_manager_ptr self);
void on_retry_parked(process_manager_ptr self, const retry_parked& order);
void on_skip_parked(process_manager_ptr self, const skip_parked& order);
/// The control table has a skip, or everything that was durable is readable, or neither.
void on_control_written(process_manager_ptr self, const control_written& decided);
/// Lets instances go on whose blocking event was handled by hand.
void settle_tried(process_manager_ptr self);
/// The process manager has stopped: callers that wait for an attempt get an error.
void refuse_waiting(process_manager_ptr self);
void show_parked(process_manager_ptr self);
/// The tag of a `write_control` without a decision: it is answered when everything that was durable before it is readable.
constexpr std::uint64_t drained_tag = 0;

caf::behavior process_manager(process_manager_ptr self, const environment& env, const follow_ports& ports, const detail::process_table& table,
                              find_table find, std::shared_ptr<follower_cell> cell, recipient me);

}  // namespace annals::actors
