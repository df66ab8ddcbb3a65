// A projector: keeps one read model.
//
//   takes   image_found       from the image maker, at the start
//           partition_built   from its partitions, when they read a long log
//           grown             from the event bus
//           go_on             from itself, while there is more to read
//           pause_over        from itself, when it is time to try a failed event again
//           query             from hosts
//           give_up           from itself, when a query has waited for its token long enough
//           rebuild_model, retry_parked, skip_parked   from hosts
//           image_made, images_dropped   from the image maker
//           control_written   from the drainer: a skip, or which effects have been executed, is durable
//           closes            from the engine: no more records will be written
//           stop_now          from the engine
//   sends   find_image, make_image, store_model, drop_images   to the image maker
//           after             to the event bus, when it has reached the head
//           query_answer      to the caller
//           hurry             to the drainer, when a query waits
//           checkpoint, parked_now   to the index writer
//           write_control     to the drainer
//
//   starting ── the newest image, and the first entry of its effects ──▶ building ── in partitions, if the log is long ──▶ live
//
//   in each of these phases it may stop: cell->stopped, until a rebuild replaces the model or the next start
//
// Invariants: catching up and following live are one code path, and so is a rebuild beside the live model; the position moves
// with the model, under one lock; it never passes a record that is neither applied nor parked nor skipped; it never goes back,
// not even when a rebuilt model replaces the live one.
#include "actors/projections/projector.hpp"

#include "actors/base/messages.hpp"
#include "actors/follow/messages.hpp"

namespace annals::actors {
namespace {

using phase = projector_state::phase;

void on_partition_built(projector_ptr self, const partition_built& part) {
  self->state.now == phase::building ? on_part_of_start(self, part) : on_part_of_rebuild(self, part);
}

void on_control_written(projector_ptr self, const control_written& decided) {
  auto& s = self->state;
  if (decided.tag != effects_tag) return on_skip_written(self, decided);
  s.effects->written();
  write_effects(self);
  if (s.now != phase::starting) return;
  if (decided.failed) return stop(self, *decided.failed);
  build(self);
}

void on_pause_over(projector_ptr self, const pause_over& paused) {
  auto& s = self->state;
  if (!paused.is_rebuild)
    s.pausing = false;
  else if (s.rebuilding)
    s.rebuilding->end_pause();
  advance(self);
}

}  // namespace

caf::behavior projector(projector_ptr self, const environment& env, const follow_ports& ports, const detail::projection_table& table,
                        std::shared_ptr<follower_cell> cell) {
  auto& s = self->state;
  s.env = &env;
  s.ports = &ports;
  s.table = &table;
  s.cell = std::move(cell);
  start(self);
  return {
      [self](const image_found& found) { on_image_found(self, found); },
      [self](const partition_built& part) { on_partition_built(self, part); },
      [self](const grown&) {
        self->state.asked_bus = false;
        advance(self);
      },
      [self](go_on) {
        self->state.going_on = false;
        advance(self);
      },
      [self](const pause_over& paused) { on_pause_over(self, paused); },
      [self](query& q) { on_query(self, q); },
      [self](const give_up& late) { on_give_up(self, late); },
      [self](const rebuild_model& order) { on_rebuild_model(self, order); },
      [self](const retry_parked& order) { on_retry_parked(self, order); },
      [self](const skip_parked& order) { on_skip_parked(self, order); },
      [self](const control_written& decided) { on_control_written(self, decided); },
      [self](const image_made& made) { on_image_made(self, made); },
      [self](const images_dropped& how) { on_images_dropped(self, how); },
      [self](closes) { refuse_queries(self, self->state.env->log->durable()); },
      [self](stop_now) { end(self); },
  };
}

}  // namespace annals::actors
