// A model that is rebuilt beside the live model and then replaces it. If the projection has stopped, the rebuild first has to
// reach the head as of that time: it applies the event where the projection stopped, effect included, because otherwise the new
// model would only stop there again. If this fails, the rebuild is abandoned and the projection stays as it was.
#include "actors/projections/projector.hpp"

#include <spdlog/logger.h>

namespace annals::actors {
namespace {

/// The rebuilt model replaces the live one.
void swap_in(projector_ptr self) {
  auto& s = self->state;
  auto& cell = *s.cell;
  {
    const std::unique_lock lock{cell.mutex};
    std::swap(static_cast<model_state&>(cell), s.anew->model);
    cell.stopped.reset();
    cell.rebuilt_to.reset();
  }
  s.env->news.changed();
  s.env->logger->info("projection {}: the rebuilt model answers, at position {}", cell.name, cell.at);
  s.anew->following.set_aside({}, {});
  s.anew->following.affect(s.following->affected());
  s.following = std::move(s.anew->following);
  s.following->open_for_effects(cell.mutex);
  s.pausing = false;
  const auto waiting = std::move(s.anew->waiting);
  s.anew.reset();
  if (s.table->has_images() && s.env->images) {
    ++s.dropping;
    self->send(s.ports->image_maker, drop_images{s.table, waiting, self});
  } else
    answer_rebuilt(self, images_dropped{waiting, nullptr});
  s.image_at = s.image_tried = 0;
  show_parked(self);
}

/// Applies one batch. Effects run only after the position where the live projection has stopped: there they are still pending.
fold::went step_anew(projector_ptr self) {
  auto& s = self->state;
  auto& anew = *s.anew;
  const std::size_t batch = s.env->options.projection_batch_records;
  const auto now = s.env->now();
  if (!s.following->affected()) return anew.following.step(anew.model, batch, now);
  anew.following.set_aside(s.following->affected()->owed, effect_is_owed);
  if (anew.model.at < s.cell->at) return anew.following.step(anew.model, std::min<std::size_t>(batch, s.cell->at - anew.model.at), now);
  if (!s.cell->stopped) return {};
  anew.following.affect(s.following->affected());
  auto went = anew.following.step(anew.model, batch, now);
  s.following->affect(anew.following.affected());
  anew.following.affect({});  // lent for this batch: meanwhile the live fold settles the effects of parked events
  keep_effects(self);
  return went;
}

}  // namespace

void give_up_rebuild(projector_ptr self, const error& why) {
  auto& s = self->state;
  {
    const std::unique_lock lock{s.cell->mutex};
    s.cell->rebuilt_to.reset();
  }
  const auto place = why.place ? why.place : s.anew->model.at + 1;
  const error stopped{why.code == errc::closed ? errc::closed : errc::projection_failed,
                      "rebuilding " + s.cell->name + " stopped at position " + std::to_string(place), why.message(), 0, place};
  s.env->logger->error(stopped.message());
  for (const auto& to : s.anew->waiting) reply(self, to, stopped);
  s.anew.reset();
}

bool has_come_far_enough(const projector_state& s) { return s.anew->model.at >= std::max(s.cell->at, s.anew->least); }

void follow_anew(projector_ptr self) {
  auto& s = self->state;
  auto& anew = *s.anew;
  const auto went = step_anew(self);
  if (went.stopped) return give_up_rebuild(self, *went.stopped);
  if (went.pause) {
    anew.pausing = true;
    self->delayed_send(self, *went.pause, pause_over{true});
  }
  if (has_come_far_enough(s) && s.skipping.empty()) return swap_in(self);  // an event that is being skipped must not be in it
  const std::unique_lock lock{s.cell->mutex};
  s.cell->rebuilt_to = anew.model.at;
}

void answer_rebuilt(projector_ptr self, const images_dropped& how) {
  for (const auto& to : how.waiting) reply(self, to, how.failed ? detail::outcome{*how.failed} : at_position(self->state.cell->at));
}

void begin_anew(projector_ptr self, std::vector<reply_address> waiting) {
  auto& s = self->state;
  s.env->logger->info("projection {}: a rebuild begins", s.cell->name);
  s.anew.emplace(projector_state::rebuilding{fold{*s.table, *s.env->log}, {s.table->make(), 0, {}, {}}});
  s.anew->waiting = std::move(waiting);
  s.anew->following.skip_all(s.skipped);
  s.anew->following.know_failed(s.cell->parked.tried());
  if (s.cell->stopped) s.anew->least = s.env->log->readable();
  const auto& affected = s.following->affected();
  const auto up_to = affected ? s.cell->at : s.env->log->readable();  // not past the executed effects: partitions execute none
  if (is_long(s, up_to))
    s.anew->parts.emplace(self, *s.env,
                          build_partition{s.table, 0, up_to, s.skipped, affected ? affected->owed : std::set<position>{},
                                          s.cell->parked.tried(), ++s.builds, {}});
  const std::unique_lock lock{s.cell->mutex};
  s.cell->rebuilt_to = 0;
}

void take(projector_ptr self, const rebuild_model& order) {
  auto& s = self->state;
  if (!s.cell->begun) return reply(self, order.reply, s.cell->stopped ? *s.cell->stopped : s.cell->not_ready());
  if (!s.anew) begin_anew(self, {});
  s.anew->waiting.push_back(order.reply);
  advance(self);
}

bool may_have_applied(const projector_state::rebuilding& anew, position at) {
  return anew.parts || (at <= anew.model.at && !anew.model.parked.find(at));
}

void catch_up_with_decisions(projector_ptr self) {
  auto& s = self->state;
  if (!s.anew || s.anew->parts) return;
  auto& anew = *s.anew;
  anew.following.skip_all(s.skipped);
  const bool by_stream = s.table->on_failure.then == on_failure::park_stream;
  std::set<std::string> stays;  // streams whose first parked event stays parked
  for (const auto& one : anew.model.parked.list()) {
    if (s.skipped.contains(one.at)) {
      anew.model.parked.remove(one.at);
    } else if (!by_stream || !stays.contains(one.stream)) {
      const bool is_decided = one.at <= s.cell->at && !s.cell->parked.find(one.at);
      const bool is_applied = is_decided && anew.following.retry_one(anew.model, one.at, s.env->now());
      if (!is_applied) stays.insert(one.stream);
    }
  }
}

}  // namespace annals::actors
