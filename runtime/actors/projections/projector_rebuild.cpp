// What a projector does with a rebuild: begins it, steps it, and lets it replace the live model. If it fails, it is abandoned, and the
// projection stays as it was.
#include "actors/projections/projector.hpp"

#include <spdlog/logger.h>

#include <utility>

namespace annals::actors {
namespace {

/// The rebuild that is under way, for runtime::metrics(); both are 0 if there is none.
void show_target(projector_state& s, position reached, position target) {
  s.cell->of_projection.rebuild_position.set(reached);
  s.cell->of_projection.rebuild_target.set(target);
}

/// The rebuilt model replaces the live one.
void swap_in(projector_ptr self) {
  auto& s = self->state;
  auto& cell = *s.cell;
  {
    const cell_change change{cell};
    s.rebuilding->swap(cell);
    cell.stopped.reset();
    cell.rebuilt_to.reset();
  }
  cell.meters.stopped.set(0);
  count(s, s.rebuilding->beyond());
  cell.of_projection.rebuild_duration.set(static_cast<std::uint64_t>((telemetry::clock::now() - s.rebuilding_since).count()));
  show_target(s, 0, 0);
  s.env->news.changed();
  s.env->logger->info("projection {}: the rebuilt model is live, at position {}", cell.name, cell.at);
  count_resolved(s);
  s.log_fold = s.rebuilding->take_fold();
  s.resolved = s.log_fold->resolved();
  s.log_fold->open_for_effects(cell);
  s.log_fold->trace_to(s.env->tracing, cell.at);
  s.pausing = false;
  const auto waiting = std::move(s.rebuilding->waiting);
  s.rebuilding.reset();
  s.image_at = s.image_tried = 0;
  if (s.table->has_images() && s.env->images) {
    ++s.image_drops;
    self->send(s.ports->image_maker, drop_images{s.table, waiting, self});
  } else
    s.ports->answer_all(waiting, cell.at);
  show_parked(self);
}

void show_progress(projector_state& s, std::optional<position> reached) {
  show_target(s, reached.value_or(0), reached ? s.env->log->readable() : 0);
  const cell_change change{*s.cell};
  s.cell->rebuilt_to = reached;
}

/// An event that is being skipped must not be in the new model.
bool waits_for_skip(const projector_state& s) { return s.rebuilding->is_ready(s.cell->at) && !s.skips.empty(); }

}  // namespace

bool may_rebuild(const projector_state& s) { return s.rebuilding && s.rebuilding->can_step() && !waits_for_skip(s); }

void step_rebuild(projector_ptr self) {
  auto& s = self->state;
  const auto went = s.rebuilding->step(*s.cell, s.cell->stopped != nullptr);
  write_effects(self);
  if (went.stopped) return give_up_rebuild(self, *went.stopped);
  if (went.pause) {
    s.rebuilding->pause();
    self->delayed_send(self, *went.pause, pause_over{true});
  }
  if (s.rebuilding->is_ready(s.cell->at) && s.skips.empty()) return swap_in(self);
  show_progress(s, s.rebuilding->at());
}

void give_up_rebuild(projector_ptr self, const error& why) {
  auto& s = self->state;
  show_progress(s, std::nullopt);
  const auto place = why.place ? why.place : s.rebuilding->at() + 1;
  const error stopped{why.code == errc::closed ? errc::closed : errc::projection_failed,
                      "rebuilding " + s.cell->name + " stopped at position " + std::to_string(place), why.message(), 0, place};
  s.env->logger->error(stopped.message());
  s.ports->answer_all(s.rebuilding->waiting, stopped);
  s.rebuilding.reset();
}

void on_part_of_rebuild(projector_ptr self, const partition_built& part) {
  auto& s = self->state;
  if (!s.rebuilding) return;  // of an abandoned build
  const auto is_whole = s.rebuilding->take(part);
  if (!is_whole) return give_up_rebuild(self, is_whole.error());
  if (!*is_whole) return;
  s.rebuilding->follow_decisions(*s.cell, s.skipped);
  advance(self);
}

void on_images_dropped(projector_ptr self, const images_dropped& how) {
  auto& s = self->state;
  --s.image_drops;
  s.ports->answer_all(how.waiting, how.failed ? result<position>{*how.failed} : s.cell->at);
  advance(self);
}

void begin_rebuild(projector_ptr self, std::vector<reply_address> waiting) {
  auto& s = self->state;
  s.env->logger->info("projection {}: a rebuild has begun", s.cell->name);
  s.rebuilding_since = telemetry::clock::now();
  auto* effects = s.effects ? &s.effects->now : nullptr;
  s.rebuilding.emplace(*s.table, *s.env, effects);
  s.rebuilding->waiting = std::move(waiting);
  s.rebuilding->begin(*s.cell, s.skipped);
  if (s.cell->stopped) s.rebuilding->reach(s.env->log->readable());
  // Past the live model only if that has stopped, and never past the executed effects: partitions execute none.
  const auto up_to = s.cell->stopped && !effects ? s.env->log->readable() : s.cell->at;
  if (is_long(s, up_to))
    s.rebuilding->build(
        {self, *s.env,
         build_partition{
             s.table, 0, up_to, s.skipped, effects ? effects->pending : std::set<position>{}, s.cell->parked.tried(), s.cell->at, ++s.builds, {}}});
  show_progress(s, 0);
}

void on_rebuild_model(projector_ptr self, const rebuild_model& order) {
  auto& s = self->state;
  if (s.now != projector_state::phase::live) return s.ports->answer(order.reply, s.cell->stopped ? *s.cell->stopped : s.cell->not_ready());
  if (!s.rebuilding) begin_rebuild(self, {});
  s.rebuilding->waiting.push_back(order.reply);
  advance(self);
}

}  // namespace annals::actors
