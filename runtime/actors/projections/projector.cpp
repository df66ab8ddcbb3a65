// A projector: keeps one read model.
//
//   takes   image_found     from the image maker, at the start
//           partition_built from its partitions, when they read a long log
//           grown           from the event bus
//           go_on           from itself, while there is more to read
//           pause_over      from itself, when an event that failed is to be tried again
//           query           from hosts
//           give_up         from itself, when a query has waited for its token long enough
//           rebuild_model, retry_parked, skip_parked   from hosts
//           image_made, images_dropped   from the image maker
//           kept            from the drainer: a skip, or which effects have been executed, is durable
//           closes          from the engine: no more records will be written
//           stop_now        from the engine
//   sends   find_image, make_image, keep_model, drop_images   to the image maker
//           after           to the event bus, when it has reached the head
//           query_answer    to the caller
//           hurry           to the drainer, when a query waits
//           checkpoint, parked_now   to the index writer
//           keep            to the drainer
//
// Invariants: catching up and following live are one code path, and so is a rebuild beside the live model; the position moves
// with the model, under one lock; it never passes a record that is neither applied nor parked nor skipped; it never goes back,
// not even when a rebuilt model replaces the live one.
#include "actors/projections/projector.hpp"

#include "actors/base/messages.hpp"
#include "actors/follow/newest_image.hpp"
#include "actors/projections/image_maker.hpp"
#include "actors/upkeep/messages.hpp"
#include "store/log/effect_table.hpp"
#include "store/log/skip_table.hpp"

#include <spdlog/logger.h>

namespace annals::actors {
namespace {

using self_ptr = projector_ptr;

constexpr position checkpoint_every = 1'000;

/// For readers of the store from outside; nothing depends on it.
void tell_checkpoint(self_ptr self, position least) {
  auto& s = self->state;
  if (s.cell->at < s.told + least) return;
  s.told = s.cell->at;
  self->send(s.ports->index_writer, checkpoint{"projection " + s.cell->name, s.told});
}

void stop(self_ptr self, const error& why) {
  auto& cell = *self->state.cell;
  const auto place = why.place ? why.place : cell.at + 1;
  {
    const std::unique_lock lock{cell.mutex};
    cell.stopped = error{errc::projection_failed, cell.name + " stopped at position " + std::to_string(place), why.message(), 0, place};
  }
  self->state.env->news.changed();
  if (self->state.anew) self->state.anew->least = self->state.env->log->readable();
  answer_waiting(self);
  self->state.env->report("projection " + cell.name, *cell.stopped);
}

/// Applies one batch. The lock excludes direct reads meanwhile.
void follow(self_ptr self) {
  auto& s = self->state;
  auto& cell = *s.cell;
  const auto parked_before = cell.parked.size();
  fold::went went;
  {
    const std::unique_lock lock{cell.mutex};
    went = s.following->step(cell, s.env->options.projection_batch_records, s.env->now());
  }
  if (went.stopped) stop(self, *went.stopped);
  if (went.pause) {
    s.pausing = true;
    self->delayed_send(self, *went.pause, pause_over{false});
  }
  self->state.env->news.changed();
  if (cell.parked.size() != parked_before) show_parked(self);
  keep_effects(self);
  tell_checkpoint(self, checkpoint_every);
}

void want_image(self_ptr self) {
  auto& s = self->state;
  const auto every = s.env->options.image_every_records;
  if (!s.table->has_images() || !s.env->images || every == 0) return s.cell->late.clear();  // no images are made
  if (s.image_pending || s.dropping > 0 || s.cell->at < std::max(s.image_at, s.image_tried) + every) return;
  s.image_pending = true;
  s.image_tried = s.cell->at;
  self->send(s.ports->image_maker, make_image{s.table, s.cell->at, s.cell->parked, s.cell->late, s.skipped, self});
}

}  // namespace

void advance(self_ptr self) {
  auto& s = self->state;
  if (!s.cell->begun) return;
  const auto head = s.env->log->readable();
  const auto may_follow = [&] { return !s.pausing && !s.cell->stopped && s.cell->at < head; };
  const auto waits_for_skip = [&] { return has_come_far_enough(s) && !s.skipping.empty(); };
  const auto may_rebuild = [&] { return s.anew && !s.anew->parts && !s.anew->pausing && !waits_for_skip(); };
  if (may_follow()) follow(self);
  if (may_rebuild()) follow_anew(self);
  answer_waiting(self);
  want_image(self);
  if (may_follow() || may_rebuild()) {
    if (!std::exchange(s.going_on, true)) self->send(self, go_on::value);
  } else if (!s.pausing && !s.cell->stopped && !std::exchange(s.asked, true))
    self->send(s.ports->event_bus, after{self, s.cell->at});
}

namespace {

/// The model is ready to follow the log from its position.
void go(self_ptr self) {
  auto& s = self->state;
  keep_effects(self);  // with those that were pending
  tell_checkpoint(self, 1);
  {
    const std::unique_lock lock{s.cell->mutex};
    s.cell->begun = true;
  }
  s.following->open_for_effects(s.cell->mutex);
  s.env->news.changed();
  show_parked(self);
  advance(self);
}

void build(self_ptr self) {
  auto& s = self->state;
  auto up_to = s.env->log->readable();
  std::set<position> owed;
  if (const auto& affected = s.following->affected()) {  // partitions execute no effects
    up_to = std::min(up_to, affected->done);
    owed = affected->owed;
  }
  if (s.cell->at > 0 || !is_long(s, up_to)) return go(self);
  s.parts.emplace(self, *s.env, build_partition{s.table, 0, up_to, s.skipped, owed, s.failed_before, ++s.builds, {}});
}

void begin(self_ptr self, model_state* image) {
  auto& s = self->state;
  s.following->skip_all(s.skipped);
  s.following->know_failed(s.failed_before);
  if (image) {
    s.image_at = image->at;
    settle_parked(self, *s.following, *image);
    const std::unique_lock lock{s.cell->mutex};
    static_cast<model_state&>(*s.cell) = std::move(*image);
  }
  s.env->logger->info("projection {}: follows the log after position {}{}", s.cell->name, s.cell->at, image ? ", out of an image" : "");
  if (!s.table->has_effects || s.effects_kept) return build(self);
  keep_effects(self);  // once this is durable, each new record has its effect, whatever happens
}

/// The events that an earlier runtime parked after all their attempts.
std::set<position> failed_before(const environment& env, std::string_view projection) {
  std::set<position> all;
  auto read = env.derived->parked([&](std::string_view of, const parked_event& one) {
    if (of == projection && one.attempts > 0) all.insert(one.at);
    return true;
  });
  if (!read) env.logger->warn("what {} had parked is not known: {}", projection, read.error().message());
  return all;
}

/// Effects continue after the last one executed; the first start with effects begins at the head of that start. An image beyond
/// that position is not used: the effects of the records in between would be lost.
void prepare(self_ptr self) {
  auto& s = self->state;
  s.following.emplace(*s.table, *s.env->log);
  auto skipped = store::skipped_before(*s.env->log, s.cell->name);
  if (!skipped) return stop(self, skipped.error());
  s.skipped = std::move(*skipped);
  s.failed_before = failed_before(*s.env, s.cell->name);
  s.notices.emplace(*s.env, s.cell->name, s.failed_before);
  auto at_most = ~position{0};
  std::set<position> owed;
  if (s.table->has_effects) {
    const auto before = store::effects_done_before(*s.env->log, s.cell->name);
    if (!before) return stop(self, before.error());
    s.effects_kept = *before;
    auto so_far = before->value_or(store::effects{s.cell->ready_at, {}});
    for (const auto at : s.skipped) so_far.owed.erase(at);
    at_most = so_far.done;
    owed = so_far.owed;
    s.following->affect(std::move(so_far));
  }
  if (s.table->has_images() && s.env->images)
    self->send(s.ports->image_maker, find_image{s.table, at_most, std::move(owed), self});
  else
    begin(self, nullptr);
}

/// The control table has a skip, or which effects have been executed.
void take_kept(self_ptr self, const kept& decided) {
  auto& s = self->state;
  take(self, decided);
  if (s.cell->begun || s.parts || decided.tag != effects_tag) return;
  if (decided.failed) return stop(self, *decided.failed);
  build(self);
}

/// A partition has answered, at the start or for a rebuild.
void take(self_ptr self, const partition_built& part) {
  auto& s = self->state;
  const auto is_of = [&](const std::optional<partitions>& parts) { return parts && parts->build() == part.build; };
  const bool is_rebuild = s.anew && is_of(s.anew->parts);
  if (!is_rebuild && !is_of(s.parts)) return;  // of an abandoned build
  auto& parts = is_rebuild ? s.anew->parts : s.parts;
  if (!parts->take(part)) return;
  auto whole = parts->merged();
  parts.reset();
  if (is_rebuild) {
    if (!whole) return give_up_rebuild(self, whole.error());
    s.anew->model = std::move(*whole);
    catch_up_with_decisions(self);
    return advance(self);
  }
  if (!whole) return stop(self, whole.error());
  settle_parked(self, *s.following, *whole);
  {
    const std::unique_lock lock{s.cell->mutex};
    static_cast<model_state&>(*s.cell) = std::move(*whole);
  }
  go(self);
}

/// Keeps the model, so that the next start has little to read, and which effects have been executed.
void end(self_ptr self) {
  auto& s = self->state;
  refuse_waiting(self, 0);
  if (s.following) {
    tell_checkpoint(self, 1);
    s.keeping_effects = false;  // nothing waits for the answer any more
    keep_effects(self);
  }
  if (s.table->has_images() && s.env->images && s.env->options.image_every_records > 0 && !s.cell->stopped &&
      s.cell->at >= s.image_at + image_on_close_records)
    self->send(s.ports->image_maker, keep_model{s.table, s.cell});
  self->quit(caf::exit_reason::user_shutdown);
}

}  // namespace

caf::behavior projector(self_ptr self, const environment& env, const follow_ports& ports, const detail::projection_table& table,
                        std::shared_ptr<model_cell> cell) {
  auto& s = self->state;
  s.env = &env;
  s.ports = &ports;
  s.table = &table;
  s.cell = std::move(cell);
  prepare(self);
  return {
      [self](const image_found& found) { begin(self, found.model.get()); },
      [self](const partition_built& part) { take(self, part); },
      [self](const grown&) {
        self->state.asked = false;
        advance(self);
      },
      [self](go_on) {
        self->state.going_on = false;
        advance(self);
      },
      [self](const pause_over& paused) {
        auto& s = self->state;
        if (!paused.is_rebuild)
          s.pausing = false;
        else if (s.anew)
          s.anew->pausing = false;
        advance(self);
      },
      [self](query& q) { take(self, q); },
      [self](const give_up& late) { take(self, late); },
      [self](const rebuild_model& order) { take(self, order); },
      [self](const retry_parked& order) { take(self, order); },
      [self](const skip_parked& order) { take(self, order); },
      [self](const kept& decided) { take_kept(self, decided); },
      [self](const image_made& made) {
        auto& s = self->state;
        s.image_pending = false;
        if (s.dropping > 0) return;  // it is of the model before the rebuild
        s.image_at = std::max(s.image_at, made.at);
        std::erase_if(s.cell->late, [&](const late_event& one) { return one.behind < made.at; });
      },
      [self](const images_dropped& how) {
        --self->state.dropping;
        answer_rebuilt(self, how);
        advance(self);
      },
      [self](closes) { refuse_waiting(self, self->state.env->log->durable()); },
      [self](stop_now) { end(self); },
  };
}

}  // namespace annals::actors
