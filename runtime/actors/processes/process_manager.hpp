#pragma once

#include "actors/base/environment.hpp"
#include "actors/follow/follower_cell.hpp"
#include "actors/follow/messages.hpp"
#include "actors/follow/parked_notices.hpp"
#include "actors/follow/ports.hpp"
#include "actors/processes/inbound.hpp"
#include "actors/processes/outbox.hpp"
#include "actors/processes/parking.hpp"
#include "actors/processes/timers.hpp"
#include "actors/upkeep/messages.hpp"

#include <caf/all.hpp>

#include <deque>
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
  std::shared_ptr<model_cell> cell;  // how far the log is followed, and why it stopped
  std::optional<annals::actors::parking> parked;  // shared by the three below
  std::optional<annals::actors::inbound> inbound;
  std::optional<annals::actors::outbox> outbox;
  std::optional<annals::actors::timers> timers;
  std::optional<parked_notices> notices;
  position observed = 0;    // up to here by an earlier runtime
  position start_head = 0;  // sending begins when the log has been followed up to here
  position saved = 0;       // the newest checkpoint
  position image_at = 0;    // of the newest image
  std::map<position, std::vector<reply_address>> retries;
  std::deque<skip_parked> skipping;  // the first is on its way to the log's control table
  std::map<position, std::vector<skip_parked>> skips_later;  // when the attempt that is under way has ended
  bool asked_bus = false;
  bool going_on = false;  // a go_on is on its way
  std::optional<timestamp> alarm;
  std::optional<position> readable_at_close;  // when it last waited for readers, to close
  static inline const char* name = "process_manager";
};

using process_manager_ptr = caf::stateful_actor<process_manager_state>*;

/// The head that it follows: everything durable, so that no step waits until LMDB has the one before.
inline position head_of(const process_manager_state& s) { return s.env->log->durable(); }
/// What others see of it: how far it is, what is under way, and what is parked; all at once.
void show(process_manager_ptr self, position reached);
void stop(process_manager_ptr self, const error& why);
/// Takes one record into account: as what became of a command, and as what the streams of the instances say.
result<void> follow_streams(process_manager_ptr self, const record_view& record);
/// Takes these records, in order, as what the instances are to observe.
result<void> observe_again(process_manager_ptr self, const std::vector<position>& these);
/// Sends, fires, and makes sure that this is called again when there is more to do.
void advance(process_manager_ptr self);
/// With the log read up to the head of the start: what is open is sent from now on.
void go_live(process_manager_ptr self);

// In process_manager_sending.cpp.
/// The answer to something that it has sent, and what follows from it.
void on_answer(process_manager_ptr self, const answer& reply);
/// Sends all that there is to send, and tells people what they are to be told.
void send_all(process_manager_ptr self);

// In process_manager_image.cpp.
/// Keeps an image of what is open now, if the log has been followed by `least` records since the last one, and readers see them.
void keep_open(process_manager_ptr self, position least);
/// Starts from the newest image, if there is one.
void begin_with_image(process_manager_ptr self);

// In process_manager_parked.cpp.
/// What an earlier runtime has parked is parked from the beginning.
void take_over_parked(process_manager_ptr self);
/// Drops what was parked and is no input of the present program any more.
void drop_orphans(process_manager_ptr self);
void on_retry_parked(process_manager_ptr self, const retry_parked& order);
void on_skip_parked(process_manager_ptr self, const skip_parked& order);
void on_kept(process_manager_ptr self, const kept& decided);
/// Instances whose blocking event was handled by hand go on.
void settle_tried(process_manager_ptr self);
/// It has stopped: callers that wait for an attempt get an error.
void refuse_waiting(process_manager_ptr self);
void show_parked(process_manager_ptr self);
/// The tag of a `keep` that decides nothing: it is answered when readers see what was durable before it.
constexpr std::uint64_t drained_tag = 0;

caf::behavior process_manager(process_manager_ptr self, const environment& env, const follow_ports& ports,
                              const detail::process_table& table, find_table find, std::shared_ptr<model_cell> cell,
                              recipient me);

}  // namespace annals::actors
