// The first phases of a projector: what earlier runs have left, the newest image, and, for a long log, partitions. Then it is live.
#include "actors/follow/record_time.hpp"
#include "actors/projections/projector.hpp"
#include "store/log/skip_table.hpp"

#include <spdlog/logger.h>

#include <algorithm>
#include <utility>

namespace annals::actors {
namespace {

using phase = projector_state::phase;

/// The events that an earlier runtime parked after all their attempts.
std::set<position> failed_before(const environment& env, std::string_view projection) {
  std::set<position> all;
  auto read = env.derived->parked([&](std::string_view of, const parked_event& one) {
    if (of == projection && one.attempts > 0) all.insert(one.at);
    return true;
  });
  if (!read) env.logger->warn("the events that {} had parked are unknown: {}", projection, read.error().message());
  return all;
}

/// The present program may be able to handle parked events, and some may have been skipped since: tries or removes each of them.
void settle_parked(projector_state& s, model_state& of) {
  for (const auto& one : of.parked.list())
    if (s.skipped.contains(one.at))
      (void)s.log_fold->skip(of, one.at, s.env->now());
    else
      (void)s.log_fold->retry(of, one.at, s.env->now());
}

void take_model(projector_state& s, model_state& made) {
  settle_parked(s, made);
  const cell_change change{*s.cell};
  static_cast<model_state&>(*s.cell) = std::move(made);
  s.cell->meters.at(s.cell->at, time_at(*s.env, s.cell->at));
}

/// The model is ready to follow the log from its position.
void go_live(projector_ptr self) {
  auto& s = self->state;
  s.now = phase::live;
  write_effects(self);  // with those that were pending
  send_checkpoint(self, 1);
  {
    const cell_change change{*s.cell};
    s.cell->begun = true;
  }
  count(s, {});
  s.log_fold->open_for_effects(*s.cell);
  s.log_fold->trace_to(s.env->tracing, s.cell->ready_at);
  s.env->news.changed();
  show_parked(self);
  advance(self);
}

/// The model is empty, or comes from an image.
void begin(projector_ptr self, model_state* image) {
  auto& s = self->state;
  s.log_fold->skip_all(s.skipped);
  s.log_fold->leave_one_attempt(s.failed_before);
  if (image) {
    s.image_at = image->at;
    take_model(s, *image);
    s.cell->meters.begun.set(s.image_at);
    s.cell->image.position.set(s.image_at);
  }
  const bool is_from_image = image && image->at > 0;
  s.env->logger->info("{}: follows the log after position {}{}", s.cell->owner.described(), s.cell->at, is_from_image ? ", from an image" : "");
  if (!s.effects || s.effects->has_entry()) return build(self);
  write_effects(self);  // once this is durable, each new record has its effect, whatever happens
}

}  // namespace

/// Effects continue after the last one executed; the first start with effects begins at the head of that start. An image beyond
/// that position is not used: the effects of the records in between would be lost.
void start(projector_ptr self) {
  auto& s = self->state;
  s.log_fold.emplace(*s.table, *s.env->log);
  auto skipped = store::skipped_before(*s.env->log, s.cell->name);
  if (!skipped) return stop(self, skipped.error());
  s.skipped = std::move(*skipped);
  s.failed_before = failed_before(*s.env, s.cell->name);
  s.notices.emplace(*s.env, s.cell->name, s.failed_before);
  auto at_most = ~position{0};
  std::set<position> pending;
  if (s.table->has_effects) {
    auto effects = effect_progress::read(*s.env->log, s.cell->name, s.cell->ready_at, s.skipped);
    if (!effects) return stop(self, effects.error());
    at_most = effects->now.done;
    pending = effects->now.pending;
    s.effects.emplace(std::move(*effects));
    s.log_fold->execute_effects(s.effects->now);
  }
  if (s.table->has_images() && s.env->images)
    self->send(s.ports->image_maker, find_image{s.table, at_most, std::move(pending), self});
  else
    begin(self, nullptr);
}

void on_image_found(projector_ptr self, const image_found& found) { begin(self, found.model.get()); }

bool is_long(const projector_state& s, position up_to) {
  constexpr position least = 10'000;
  return s.table->partitions > 1 && up_to >= least;
}

void build(projector_ptr self) {
  auto& s = self->state;
  s.now = phase::building;
  auto up_to = s.env->log->readable();
  std::set<position> pending;
  if (s.effects) {  // partitions execute no effects
    up_to = std::min(up_to, s.effects->now.done);
    pending = s.effects->now.pending;
  }
  if (s.cell->at > 0 || !is_long(s, up_to)) return go_live(self);
  s.parts.emplace(self, *s.env, build_partition{s.table, 0, up_to, s.skipped, pending, s.failed_before, 0, ++s.builds, {}});
}

void on_part_of_start(projector_ptr self, const partition_built& part) {
  auto& s = self->state;
  if (!s.parts || s.parts->build() != part.build || !s.parts->take(part)) return;
  auto whole = s.parts->merged();
  const auto went = s.parts->went();
  s.parts.reset();
  if (!whole) return stop(self, whole.error());
  take_model(s, *whole);
  count(s, went);
  go_live(self);
}

}  // namespace annals::actors
