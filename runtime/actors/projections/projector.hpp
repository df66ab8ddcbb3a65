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
  /// A model that is rebuilt beside the live one.
  struct rebuilding {
    fold following;
    model_state model;
    bool pausing = false;
    std::vector<reply_address> waiting;
    std::optional<partitions> parts;  // while partitions build it
    position least = 0;               // to be reached before it replaces a stopped model: the head at the stop
  };
  std::uint64_t builds = 0;  // in partitions, so far
  const environment* env = nullptr;
  const follow_ports* ports = nullptr;
  const detail::projection_table* table = nullptr;
  std::shared_ptr<model_cell> cell;
  std::optional<fold> following;
  std::optional<partitions> parts;  // while partitions build the model, at the start
  std::optional<rebuilding> anew;
  std::map<std::uint64_t, query> waiting;  // for their tokens, by number
  std::uint64_t next_number = 1;
  std::set<position> skipped;
  std::set<position> failed_before;  // events that an earlier runtime had parked after all attempts
  std::optional<parked_notices> notices;
  std::deque<skip_parked> skipping;  // the first is being written to the log's control table
  position told = 0;           // the newest checkpoint sent to the index writer
  position image_at = 0;       // of the newest image
  position image_tried = 0;    // the position when the last image was ordered
  std::optional<store::effects> effects_kept;  // as the log's control table has them, or as last sent to it
  bool keeping_effects = false;  // that write is not answered yet
  bool image_pending = false;  // an image is being made
  std::size_t dropping = 0;    // drop_images orders without an answer
  bool asked = false;          // the event bus
  bool going_on = false;       // a go_on is on its way
  bool pausing = false;
  static inline const char* name = "projector";
};

using projector_ptr = caf::stateful_actor<projector_state>*;

/// Continues with whatever there is to do.
void advance(projector_ptr self);

// In projector_rebuild.cpp.
/// Continues the rebuild. This needs no lock, since only the projector sees the model. If the projection has effects, the rebuild
/// does not pass the live model, which executes them, unless the live model has stopped.
void follow_anew(projector_ptr self);
/// Whether the rebuilt model may replace the live one.
bool has_come_far_enough(const projector_state& s);
void give_up_rebuild(projector_ptr self, const error& why);
/// Answers the callers that wait for the rebuild: the old images are dropped, or could not be.
void answer_rebuilt(projector_ptr self, const images_dropped& how);
/// Begins a rebuild from position 1. These callers wait for it.
void begin_anew(projector_ptr self, std::vector<reply_address> waiting);
/// Whether the rebuild may have applied this event, which is skipped now.
bool may_have_applied(const projector_state::rebuilding& anew, position at);
/// Brings the rebuild's parked events in line with what has since happened to them in the live model: applied, skipped or parked.
void catch_up_with_decisions(projector_ptr self);
void take(projector_ptr self, const rebuild_model& order);

// In projector_calls.cpp.
void reply(projector_ptr self, const reply_address& to, detail::outcome answer);
detail::outcome at_position(position at);
void answer_waiting(projector_ptr self);
/// The runtime is closing: refuses queries that wait for a position beyond this one.
void refuse_waiting(projector_ptr self, position beyond);
/// Publishes the parked events, for readers of the store from outside and for the host's notices.
void show_parked(projector_ptr self);
void take(projector_ptr self, query& q);
void take(projector_ptr self, const give_up& late);
void take(projector_ptr self, const retry_parked& order);
void take(projector_ptr self, const skip_parked& order);
void take(projector_ptr self, const kept& decided);
constexpr std::uint64_t effects_tag = 0;  // the tag of a `keep` for effects: not a position
/// Writes to the control table which effects have been executed.
void keep_effects(projector_ptr self);
/// Whether this many records are worth reading in partitions.
bool is_long(const projector_state& s, position up_to);
/// The present program may be able to handle parked events, and some may have been skipped since: tries or removes each of them.
void settle_parked(projector_ptr self, fold& following, model_state& of);

caf::behavior projector(projector_ptr self, const environment& env, const follow_ports& ports,
                        const detail::projection_table& table, std::shared_ptr<model_cell> cell);

}  // namespace annals::actors
