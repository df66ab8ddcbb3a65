// A projector that is live: it applies the log to its model as the log grows, and has images made now and then.
#include "actors/base/messages.hpp"
#include "actors/follow/messages.hpp"
#include "actors/follow/newest_image.hpp"
#include "actors/projections/projector.hpp"

#include <algorithm>
#include <utility>

namespace annals::actors {
namespace {

constexpr position checkpoint_every = 1'000;

/// Applies one batch. The lock excludes direct reads meanwhile.
void follow(projector_ptr self) {
  auto& s = self->state;
  auto& cell = *s.cell;
  const auto parked_before = cell.parked.version();
  fold::went went;
  const telemetry::stopwatch watch;
  {
    const cell_change change{cell};
    went = s.log_fold->step(cell, s.env->options.projection_batch_records, s.env->now());
  }
  cell.meters.batch_duration.add(watch.elapsed());
  count(s, went);
  if (went.stopped) stop(self, *went.stopped);
  if (went.pause) {
    s.pausing = true;
    self->delayed_send(self, *went.pause, pause_over{false});
  }
  s.env->news.changed();
  if (cell.parked.version() != parked_before) show_parked(self);
  write_effects(self);
  send_checkpoint(self, checkpoint_every);
}

void order_image(projector_ptr self) {
  auto& s = self->state;
  const auto every = s.env->options.image_every_records;
  if (!s.table->has_images() || !s.env->images || every == 0) return s.cell->late.clear();  // no images are made
  if (s.image_pending || s.image_drops > 0 || s.cell->at < std::max(s.image_at, s.image_tried) + every) return;
  s.image_pending = true;
  s.image_tried = s.cell->at;
  self->send(s.ports->image_maker, make_image{s.table, s.cell, s.cell->at, s.cell->parked, s.cell->late, s.skipped, self});
}

}  // namespace

void count(projector_state& s, const fold::went& went) {
  auto& meters = s.cell->meters;
  meters.applied.add(went.applied);
  meters.passed.add(went.passed);
  meters.parked.add(went.parked);
  meters.parked_in_all.add(went.parked);
  meters.attempts_failed.add(went.failed);
  meters.position.set(s.cell->at);
  if (went.time != 0) meters.time.set(static_cast<std::uint64_t>(went.time));
  meters.ready.set(s.cell->at >= s.cell->ready_at);
}

void count_resolved(projector_state& s) {
  const auto& now = s.log_fold->resolved();
  s.cell->meters.retried.add(now.retried - s.resolved.retried);
  s.cell->meters.skipped.add(now.skipped - s.resolved.skipped);
  s.resolved = now;
}

void advance(projector_ptr self) {
  auto& s = self->state;
  if (s.now != projector_state::phase::live) return;
  const auto head = s.env->log->readable();
  const auto may_follow = [&] { return !s.pausing && !s.cell->stopped && s.cell->at < head; };
  if (may_follow()) follow(self);
  if (may_rebuild(s)) step_rebuild(self);
  answer_queries(self);
  order_image(self);
  if (may_follow() || may_rebuild(s)) {
    if (!std::exchange(s.going_on, true)) self->send(self, go_on::value);
  } else if (!s.pausing && !s.cell->stopped && !std::exchange(s.asked_bus, true))
    self->send(s.ports->event_bus, after{self, s.cell->at});
}

void send_checkpoint(projector_ptr self, position least) {
  auto& s = self->state;
  if (s.cell->at < s.checkpoint + least) return;
  s.checkpoint = s.cell->at;
  self->send(s.ports->index_writer, checkpoint{s.cell->owner.checkpoint(), s.checkpoint});
}

void stop(projector_ptr self, const error& why) {
  auto& s = self->state;
  auto& cell = *s.cell;
  const auto place = why.place ? why.place : cell.at + 1;
  {
    const cell_change change{cell};
    cell.stopped = std::make_shared<const error>(
        error{errc::projection_failed, cell.name + " stopped at position " + std::to_string(place), why.message(), 0, place});
  }
  cell.meters.stopped.set(1);
  s.env->news.changed();
  if (s.rebuilding) s.rebuilding->reach(s.env->log->readable());
  answer_queries(self);
  s.env->report(cell.owner.described(), *cell.stopped);
}

void show_parked(projector_ptr self) {
  auto& s = self->state;
  count_resolved(s);
  auto list = s.cell->parked.list();
  show_parked(s.cell->meters, list);
  self->send(s.ports->index_writer, parked_now{s.cell->owner.stored(), std::move(list)});
  if (s.notices) s.notices->follow(s.cell->parked);
}

void write_effects(projector_ptr self) {
  auto& s = self->state;
  if (!s.effects) return;
  if (auto entry = s.effects->to_write(s.cell->name)) self->send(s.ports->drainer, write_control{{std::move(*entry)}, {self}, effects_tag});
}

void on_image_made(projector_ptr self, const image_made& made) {
  auto& s = self->state;
  s.image_pending = false;
  if (s.image_drops > 0) return;  // it is of the model before the rebuild
  s.image_at = std::max(s.image_at, made.at);
  std::erase_if(s.cell->late, [&](const late_event& one) { return one.applied_after < made.at; });
}

void end(projector_ptr self) {
  auto& s = self->state;
  refuse_queries(self, 0);
  send_checkpoint(self, 1);
  if (s.effects) {
    s.effects->written();  // nothing waits for the answer any more
    write_effects(self);
  }
  if (s.table->has_images() && s.env->images && s.env->options.image_every_records > 0 && !s.cell->stopped &&
      s.cell->at >= s.image_at + image_on_close_records)
    self->send(s.ports->image_maker, store_model{s.table, s.cell});
  self->quit(caf::exit_reason::user_shutdown);
}

}  // namespace annals::actors
