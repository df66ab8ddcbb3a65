// The image maker: reads and writes images of read models, so that projectors need not.
//
//   takes   find_image    from a projector that starts
//           make_image    from a projector, now and then
//           store_model   from a projector that ends: its own model, which nobody changes any more
//           store_image   from a process manager, now and then and when it ends: its open inputs
//           drop_images   from a projector whose model was rebuilt: older images must not come back
//           go_on         from itself
//           stop_now      from the engine, when the projectors have ended
//   sends   image_found, image_made, images_dropped   to projectors
//
// An image is not made of the live model, which would be blocked meanwhile. Instead, the image maker takes the newest image,
// applies the records since, and writes the result. This costs a second fold of the log's records, and memory for a second model
// while a job lasts. The job pauses between its parts, so that it never uses more than a small part of a core.
//
// Invariants: an image stores the checksum of the log's record at its position, and is used only if the log still has that record;
// an image's model took every event where the projector's model did, parked events that were applied late included; a failure
// costs the image and nothing else.
#include "actors/projections/image_maker.hpp"

#include "actors/base/messages.hpp"
#include "actors/follow/follower_cell.hpp"
#include "actors/follow/newest_image.hpp"

#include <spdlog/logger.h>

#include <thread>

namespace annals::actors {
namespace {

using image_maker_ptr = caf::stateful_actor<image_maker_state>*;

constexpr std::size_t part_records = 5'000;
constexpr std::chrono::milliseconds part_pause{20};
constexpr std::chrono::milliseconds write_pause{2};

/// The newest usable image up to `at_most` that has applied none of the events to be parked; a model at position 0 if there is none.
model_state newest_model(const environment& env, const detail::projection_table& table, position at_most, const std::set<position>& to_be_parked) {
  model_state newest{table.make(), 0, {}, {}};
  (void)newest_image(env, std::string{table.name}, table.shape, at_most, [&](const store::image& one) -> result<void> {
    model_state made{table.make(), one.mark.at, {}, {}};
    if (auto ok = made.model->restore(one.bytes); !ok) return ok;
    auto parked = parked_events::restored(one.parked);
    if (!parked) return std::move(parked).error();
    made.parked = std::move(*parked);
    for (const auto at : to_be_parked)
      if (at <= made.at && !made.parked.find(at))
        return error{errc::undecodable, "the image has applied an event that is parked", "position " + std::to_string(at), 0, at};
    newest = std::move(made);
    return {};
  });
  return newest;
}

store::image image_of(const detail::projection_table& table, const model_state& of) {
  return {std::string{table.name}, {of.at, 0}, table.shape, of.parked.saved(), of.model->saved()};
}

void show_written(const follower_cell& of, position at, std::size_t bytes, std::chrono::nanoseconds took) {
  of.image.position.set(at);
  of.image.bytes.set(bytes);
  of.image.duration.set(static_cast<std::uint64_t>(took.count()));
}

void write(image_maker_ptr self, store::image made, const follower_cell& of) {
  const auto at = made.mark.at;
  const auto bytes = made.bytes.size();
  const telemetry::stopwatch watch;
  if (auto ok = write_image(*self->state.env, std::move(made), [] { return true; }); !ok)
    return self->state.env->logger->warn("no image of {} was written: {}", of.name, ok.error().message());
  show_written(of, at, bytes, watch.elapsed());
}

void end_job(image_maker_ptr self, result<void> how) {
  auto& s = self->state;
  if (!how && how.error().code != errc::closed)
    s.env->logger->warn("no image of {} was written: {}", s.now->order.table->name, how.error().message());
  if (how) s.env->logger->debug("an image of {} at position {} is written", s.now->order.table->name, s.now->model.at);
  self->send(s.now->order.reply_to, image_made{how ? s.now->model.at : 0});
  s.now.reset();
}

void begin_job(image_maker_ptr self) {
  auto& s = self->state;
  if (s.now || s.waiting.empty()) return;
  auto order = std::move(s.waiting.front());
  s.waiting.pop_front();
  std::set<position> aside;
  for (const auto& one : order.parked.list()) aside.insert(one.at);
  auto model = newest_model(*s.env, *order.table, order.up_to, aside);
  fold log_fold{*order.table, *s.env->log};
  log_fold.skip_all(order.skipped);
  for (const auto& one : order.late) aside.insert(one.at);
  log_fold.set_aside(std::move(aside), "set aside");
  for (const auto& one : model.parked.list())
    if (order.skipped.contains(one.at)) model.parked.remove(one.at);
  s.now.emplace(image_maker_state::job{std::move(order), std::move(log_fold), std::move(model)});
  self->send(self, go_on::value);
}

/// Applies the events that the projector's model applied late, right after the present position. One that is not parked here is
/// already in the image that the job began with.
result<void> take_overdue(image_maker_state::job& job, timestamp now) {
  for (; job.late < job.order.late.size() && job.order.late[job.late].applied_after <= job.model.at; ++job.late) {
    const auto& one = job.order.late[job.late];
    if (!job.model.parked.find(one.at)) continue;
    if (auto ok = job.log_fold.retry_one(job.model, one.at, now); !ok) return ok;
  }
  return {};
}

/// The number of records in the next part: it ends where a late event is due.
std::size_t part_of(const image_maker_state::job& job) {
  auto until = job.order.up_to;
  if (job.late < job.order.late.size()) until = std::min(until, job.order.late[job.late].applied_after);
  return std::min<std::size_t>(until - job.model.at, part_records);
}

/// Takes over the projector's parked events, with their attempts and errors. An error if other events are parked here.
result<void> name_parked(image_maker_state::job& job) {
  const auto is_known = [&](const parked_event& one) { return job.order.parked.find(one.at) != nullptr; };
  const auto here = job.model.parked.list();
  if (here.size() != job.order.parked.size() || !std::all_of(here.begin(), here.end(), is_known))
    return error{errc::projection_failed, "the image and the projector have parked different events"};
  job.model.parked = job.order.parked;
  return {};
}

result<void> write_job(const image_maker_state& s) {
  const auto& job = *s.now;
  auto made = image_of(*job.order.table, job.model);
  const auto bytes = made.bytes.size();
  auto ok = write_image(*s.env, std::move(made), [&] {
    if (s.env->own_threads) std::this_thread::sleep_for(write_pause);
    return !s.env->alive.closing;
  });
  if (ok) show_written(*job.order.cell, job.model.at, bytes, job.since.elapsed());
  return ok;
}

/// Does one part of the job, then pauses.
void advance(image_maker_ptr self) {
  auto& s = self->state;
  if (!s.now) return begin_job(self);
  auto& job = *s.now;
  const auto now = s.env->now();
  auto so_far = take_overdue(job, now);
  if (so_far && job.model.at < job.order.up_to) {
    const auto went = job.log_fold.step(job.model, part_of(job), now);
    if (!went.stopped && !went.pause) return self->delayed_send(self, part_pause, go_on::value);
    so_far = went.stopped ? *went.stopped : error{errc::projection_failed, "an event failed in the image maker and not in the projector"};
  }
  if (so_far) so_far = name_parked(job);
  if (so_far) so_far = write_job(s);
  end_job(self, std::move(so_far));
  begin_job(self);
}

/// Drops all images of the projection, so that none comes back.
void drop(image_maker_ptr self, const drop_images& order) {
  auto& s = self->state;
  const auto dropped = s.env->images->drop(order.table->name);
  if (!dropped) s.env->logger->error("images of {}: {}", order.table->name, dropped.error().message());
  self->send(order.reply_to, images_dropped{order.waiting, dropped ? nullptr : std::make_shared<const error>(dropped.error())});
}

/// Abandons the jobs of this projection.
void forget(image_maker_ptr self, const detail::projection_table* table) {
  auto& s = self->state;
  std::erase_if(s.waiting, [&](const make_image& order) {
    if (order.table == table) self->send(order.reply_to, image_made{});
    return order.table == table;
  });
  if (s.now && s.now->order.table == table) end_job(self, error{errc::closed, "the model was rebuilt meanwhile"});
}

}  // namespace

caf::behavior image_maker(image_maker_ptr self, const environment& env) {
  self->state.env = &env;
  return {
      [self](const find_image& wanted) {
        auto found = newest_model(*self->state.env, *wanted.table, wanted.at_most, wanted.parked);
        self->send(wanted.reply_to, image_found{std::make_shared<model_state>(std::move(found))});
      },
      [self](make_image& order) {
        self->state.waiting.push_back(std::move(order));
        begin_job(self);
      },
      [self](const store_model& ended) {
        forget(self, ended.table);
        write(self, image_of(*ended.table, *ended.cell), *ended.cell);
      },
      [self](store_image& made) { write(self, std::move(made.made), *made.cell); },
      [self](const drop_images& rebuilt) {
        forget(self, rebuilt.table);
        drop(self, rebuilt);
      },
      [self](go_on) { advance(self); },
      [self](stop_now) { self->quit(caf::exit_reason::user_shutdown); },
  };
}

}  // namespace annals::actors
