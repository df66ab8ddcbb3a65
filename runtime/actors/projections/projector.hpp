#pragma once

#include "actors/base/environment.hpp"
#include "actors/dead_letters/messages.hpp"
#include "actors/dead_letters/parked_notices.hpp"
#include "actors/dead_letters/skip_queue.hpp"
#include "actors/follow/follower_cell.hpp"
#include "actors/follow/ports.hpp"
#include "actors/projections/effect_progress.hpp"
#include "actors/projections/fold.hpp"
#include "actors/projections/messages.hpp"
#include "actors/projections/partition.hpp"
#include "actors/projections/rebuild.hpp"
#include "actors/projections/waiting_queries.hpp"
#include "actors/upkeep/messages.hpp"

#include <optional>
#include <set>
#include <vector>

namespace annals::actors {

struct projector_state {
  /// The diagram is in projector.cpp.
  enum class phase : std::uint8_t { starting, building, live };

  const environment* env = nullptr;
  const follow_ports* ports = nullptr;
  const detail::projection_table* table = nullptr;
  phase now = phase::starting;
  std::shared_ptr<follower_cell> cell;     // the model, how far it is, and why it stopped
  std::optional<effect_progress> effects;  // nothing: the projection has none
  std::optional<fold> log_fold;            // applies the log to the model of the cell
  std::optional<partitions> parts;         // while building
  std::optional<annals::actors::rebuild> rebuilding;
  waiting_queries queries;
  skip_queue skips;
  std::set<position> skipped;        // for good
  std::set<position> failed_before;  // events that an earlier runtime had parked after all attempts
  std::optional<parked_notices> notices;
  std::uint64_t builds = 0;    // in partitions, so far
  position checkpoint = 0;     // the newest one sent to the index writer
  position image_at = 0;       // of the newest image
  position image_tried = 0;    // the position when the last image was ordered
  fold::resolutions resolved;  // those of the fold that are counted
  telemetry::instant rebuilding_since{};
  bool image_pending = false;   // an image is being made
  std::size_t image_drops = 0;  // drop_images orders without an answer
  bool asked_bus = false;
  bool going_on = false;  // a go_on is on its way
  bool pausing = false;   // until an event that failed is tried again
  static inline const char* name = "projector";
};

using projector_ptr = caf::stateful_actor<projector_state>*;

// Starting and building: projector_start.cpp.
/// Reads what earlier runs have left, and looks for an image.
void start(projector_ptr self);
void on_image_found(projector_ptr self, const image_found& found);
/// The model begins where the image ends, or at position 1: in partitions if much of the log is left.
void build(projector_ptr self);
/// A partition has built its part of the first model.
void on_part_of_start(projector_ptr self, const partition_built& part);
/// Whether this many records are worth reading in partitions.
bool is_long(const projector_state& s, position up_to);

// Live: projector_live.cpp.
/// Continues with whatever there is to do.
void advance(projector_ptr self);
/// Sends a checkpoint if the model is at least this far past the last one. It is for readers of the store from outside; nothing depends
/// on it.
void send_checkpoint(projector_ptr self, position least);
/// The model cannot go on.
void stop(projector_ptr self, const error& why);
/// Publishes the parked events, for readers of the store from outside and for the host's notices.
void show_parked(projector_ptr self);
/// Counts what a step of the live fold has done.
void count(projector_state& s, const fold::went& went);
/// Counts retried and skipped events of the live fold.
void count_resolved(projector_state& s);
/// Writes to the control table which effects have been executed.
void write_effects(projector_ptr self);
void on_image_made(projector_ptr self, const image_made& made);
/// Keeps the model, so that the next start has little to read, and which effects have been executed.
void end(projector_ptr self);

// A rebuild beside the live model: projector_rebuild.cpp.
void on_rebuild_model(projector_ptr self, const rebuild_model& order);
/// Begins a rebuild from position 1, in place of the one that is under way. These callers wait for it.
void begin_rebuild(projector_ptr self, std::vector<reply_address> waiting);
/// Whether the rebuild has something to do.
bool may_rebuild(const projector_state& s);
void step_rebuild(projector_ptr self);
void give_up_rebuild(projector_ptr self, const error& why);
void on_part_of_rebuild(projector_ptr self, const partition_built& part);
/// The old images are dropped, or could not be.
void on_images_dropped(projector_ptr self, const images_dropped& how);

// What hosts ask: projector_orders.cpp.
void on_query(projector_ptr self, query& q);
void on_give_up(projector_ptr self, const give_up& late);
/// Answers the queries that the model has reached, or all of them if it has stopped.
void answer_queries(projector_ptr self);
/// The runtime is closing: refuses queries that wait for a position beyond this one.
void refuse_queries(projector_ptr self, position beyond);
void on_retry_parked(projector_ptr self, const retry_parked& order);
void on_skip_parked(projector_ptr self, const skip_parked& order);
/// The control table has a skip, or not.
void on_skip_written(projector_ptr self, const control_written& decided);
constexpr std::uint64_t effects_tag = 0;  // the tag of a `write_control` for effects: not a position

caf::behavior projector(projector_ptr self, const environment& env, const follow_ports& ports, const detail::projection_table& table,
                        std::shared_ptr<follower_cell> cell);

}  // namespace annals::actors
