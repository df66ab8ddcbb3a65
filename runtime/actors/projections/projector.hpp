#pragma once

#include "actors/base/environment.hpp"
#include "actors/follow/follower_cell.hpp"
#include "actors/follow/parked_notices.hpp"
#include "actors/follow/ports.hpp"
#include "actors/projections/fold.hpp"
#include "actors/projections/messages.hpp"
#include "actors/projections/partition.hpp"
#include "actors/upkeep/messages.hpp"
#include "store/log/effects.hpp"

#include <deque>
#include <map>

namespace annals::actors {

struct projector_state {
  /// A model that is built anew beside the one that answers.
  struct rebuilding {
    fold following;
    model_state model;
    bool pausing = false;
    std::vector<reply_address> waiting;
    std::optional<partitions> parts;  // while it is built in them
    position least = 0;               // before it takes the place of one that has stopped: the head of then
  };
  std::uint64_t builds = 0;  // in partitions, so far
  const environment* env = nullptr;
  const follow_ports* ports = nullptr;
  const detail::projection_table* table = nullptr;
  std::shared_ptr<model_cell> cell;
  std::optional<fold> following;
  std::optional<partitions> parts;  // while the model is built in them, at the start
  std::optional<rebuilding> anew;
  std::map<std::uint64_t, query> waiting;  // for their token, by number
  std::uint64_t next_number = 1;
  std::set<position> skipped;
  std::set<position> failed_before;  // in an earlier life, often enough
  std::optional<parked_notices> notices;
  std::deque<skip_parked> skipping;  // the first is being kept in the log's control table
  position told = 0;           // its checkpoint, to those who look from outside
  position image_at = 0;       // of the newest image
  position image_tried = 0;    // when the last one was ordered
  std::optional<store::effects> effects_kept;  // in the log's control table
  bool keeping_effects = false;  // it is on its way
  bool image_pending = false;  // one is being made
  std::size_t dropping = 0;    // orders to drop the images that are not answered yet
  bool asked = false;          // the event bus
  bool going_on = false;       // a go_on is on its way
  bool pausing = false;
  static inline const char* name = "projector";
};

using projector_ptr = caf::stateful_actor<projector_state>*;

/// Goes on where there is something to do.
void advance(projector_ptr self);

// In projector_rebuild.cpp.
/// Goes on with the model that is built anew. Nobody else sees it, so without the lock. It does not go past the other one when that
/// has effects, which come first there; but for one that has stopped.
void follow_anew(projector_ptr self);
/// It may take the other one's place.
bool has_come_far_enough(const projector_state& s);
void give_up_rebuild(projector_ptr self, const error& why);
/// The old model does not come back: whoever waits for the new one is told.
void answer_rebuilt(projector_ptr self, const images_dropped& how);
/// From the beginning; these wait for it.
void begin_anew(projector_ptr self, std::vector<reply_address> waiting);
/// The model that is built anew may have applied an event that is skipped now.
bool may_have_applied(const projector_state::rebuilding& anew, position at);
/// What the model that is built anew has parked becomes what became of it in the one that answers.
void catch_up_with_decisions(projector_ptr self);
void take(projector_ptr self, const rebuild_model& order);

// In projector_calls.cpp.
void reply(projector_ptr self, const reply_address& to, detail::outcome answer);
detail::outcome at_position(position at);
void answer_waiting(projector_ptr self);
/// The runtime closes: whoever waits for a position beyond this one is told so.
void refuse_waiting(projector_ptr self, position beyond);
/// For those who look at the store from outside.
void show_parked(projector_ptr self);
void take(projector_ptr self, query& q);
void take(projector_ptr self, const give_up& late);
void take(projector_ptr self, const retry_parked& order);
void take(projector_ptr self, const skip_parked& order);
void take(projector_ptr self, const kept& decided);
constexpr std::uint64_t effects_tag = 0;  // of keep: no position
/// Effects that took place are told to the control table.
void keep_effects(projector_ptr self);
/// Whether so many records are worth being read in partitions.
bool is_long(const projector_state& s, position up_to);
/// What is parked may be right for the present program, or decided meanwhile: tries it again.
void settle_parked(projector_ptr self, fold& following, model_state& of);

caf::behavior projector(projector_ptr self, const environment& env, const follow_ports& ports,
                        const detail::projection_table& table, std::shared_ptr<model_cell> cell);

}  // namespace annals::actors
