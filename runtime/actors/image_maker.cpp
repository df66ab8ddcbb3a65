// The image maker: reads and writes images of read models, off the projectors' way.
//
//   takes   find_image   from a projector that begins
//           make_image   from a projector, now and then
//           keep_model   from a projector that ends: its own model, which nobody changes any more
//           drop_images  from a projector whose model was built anew: older ones are not to come back
//           go_on        from itself
//           stop_now     from the engine, when the projectors have ended
//   sends   image_found, image_made   to projectors
//
// An image is not made of the model that answers queries, which would have to stand still: the newest one is brought
// on, record by record, and written. That costs the log's records a second fold, and memory for a second model while
// it goes on; it takes pauses, so that it never has more than a small part of a core.
//
// Invariants: an image says what the log had at its position, and is used only if it still has; what the projector had
// parked is parked in the image; a failure costs the image and nothing else.
#include "actors/image_maker.hpp"

#include "actors/model_cell.hpp"

#include <spdlog/logger.h>

#include <thread>

namespace annals::actors {
namespace {

using self_ptr = caf::stateful_actor<image_maker_state>*;

constexpr std::size_t part_records = 5'000;
constexpr std::chrono::milliseconds part_pause{20};
constexpr std::chrono::milliseconds write_pause{2};

std::optional<std::uint64_t> checksum_at(const environment& env, position at) {
  std::optional<std::uint64_t> found;
  if (at == 0 || at > env.log->readable()) return found;
  const position one[] = {at};
  (void)env.log->read_at(one, [&](const record_view& record) {
    found = record.checksum;
    return true;
  });
  return found;
}

/// The model that the image has, or why it has none.
result<model_state> model_of(const environment& env, const detail::projection_table& table, const store::image& one) {
  if (one.shape != table.shape) return error{errc::undecodable, "the projection has another version or shape"};
  if (checksum_at(env, one.mark.at) != one.mark.checksum) return error{errc::corrupt_record, "the log has another record there"};
  model_state made{table.make(), one.mark.at, {}};
  if (auto ok = made.model->restore(one.bytes); !ok) return std::move(ok).error();
  auto parked = parked_events::restored(one.parked);
  if (!parked) return std::move(parked).error();
  made.parked = std::move(*parked);
  return made;
}

/// The newest that is good; a model at position 0 when there is none.
model_state newest_model(const environment& env, const detail::projection_table& table) {
  const std::string name{table.name};
  for (auto newest = ~position{0}; newest > 0;) {
    auto found = env.images->newest(name, table.shape, newest);
    if (found && !*found) break;
    const bool damaged = !found && found.error().code == errc::corrupt_record;
    if (!found && !damaged) {
      env.logger->error("images of {}: {}", name, found.error().message());
      break;
    }
    auto made = damaged ? result<model_state>{found.error()} : model_of(env, table, **found);
    if (made) return std::move(*made);
    const auto at = damaged ? found.error().place : (*found)->mark.at;
    env.logger->warn("the image of {} at position {} is left out: {}", name, at, made.error().message());
    if (at == 0) break;
    newest = at - 1;
  }
  return {table.make(), 0, {}};
}

result<void> write_image(const environment& env, const detail::projection_table& table, const model_state& of,
                  const std::function<bool()>& may_go_on) {
  const auto checksum = checksum_at(env, of.at);
  if (!checksum) return error{errc::corrupt_record, "no record at the model's position", std::string{table.name}, 0, of.at};
  return env.images->keep({std::string{table.name}, {of.at, *checksum}, table.shape, of.parked.saved(), of.model->saved()}, may_go_on);
}

void end_job(self_ptr self, result<void> how) {
  auto& s = self->state;
  if (!how && how.error().code != errc::closed) s.env->logger->warn("no image of {}: {}", s.now->order.table->name, how.error().message());
  self->send(s.now->order.reply_to, image_made{how ? s.now->model.at : 0});
  s.now.reset();
}

/// What the image had parked: as it is in the projector now, where it may have been applied meanwhile, or skipped.
result<void> settle_parked(const make_image& order, const fold& following, model_state& of, timestamp now) {
  for (const auto& one : of.parked.list()) {
    if (order.skipped.contains(one.at)) {
      of.parked.remove(one.at);
    } else if (const auto* still = order.parked.find(one.at)) {
      of.parked.put(*still);
    } else if (of.parked.find(one.at)) {  // not yet applied behind another of its stream
      if (auto ok = following.retry(of, one.at, now); !ok) return ok;
    }
  }
  return {};
}

void begin_job(self_ptr self) {
  auto& s = self->state;
  if (s.now || s.waiting.empty()) return;
  auto order = std::move(s.waiting.front());
  s.waiting.pop_front();
  auto model = newest_model(*s.env, *order.table);
  fold following{*order.table, *s.env->log};
  following.park_all(order.parked);
  following.skip_all(order.skipped);
  const auto ok = settle_parked(order, following, model, s.env->now());
  s.now.emplace(image_maker_state::job{std::move(order), std::move(following), std::move(model)});
  if (!ok) return end_job(self, ok.error());
  self->send(self, go_on::value);
}

/// One part of the job, and pauses.
void advance(self_ptr self) {
  auto& s = self->state;
  if (!s.now) return begin_job(self);
  auto& job = *s.now;
  const auto left = job.order.up_to - std::min(job.order.up_to, job.model.at);
  if (left > 0) {
    const auto went = job.following.step(job.model, std::min<std::size_t>(left, part_records), s.env->now());
    if (!went.stopped && !went.pause) return self->delayed_send(self, part_pause, go_on::value);
    end_job(self, went.stopped ? *went.stopped : error{errc::projection_failed, "an event failed here and not in the projector"});
  } else {
    end_job(self, write_image(*s.env, *job.order.table, job.model, [&] {
              if (s.env->own_threads) std::this_thread::sleep_for(write_pause);
              return !s.env->alive.closing;
            }));
  }
  begin_job(self);
}

/// A job of this projection is given up.
void forget(self_ptr self, const detail::projection_table* table) {
  auto& s = self->state;
  std::erase_if(s.waiting, [&](const make_image& order) {
    if (order.table == table) self->send(order.reply_to, image_made{});
    return order.table == table;
  });
  if (s.now && s.now->order.table == table) end_job(self, error{errc::closed, "it would be of an older model"});
}

}  // namespace

caf::behavior image_maker(self_ptr self, const environment& env) {
  self->state.env = &env;
  return {
      [self](const find_image& wanted) {
        auto found = newest_model(*self->state.env, *wanted.table);
        self->send(wanted.reply_to, image_found{std::make_shared<model_state>(std::move(found))});
      },
      [self](make_image& order) {
        self->state.waiting.push_back(std::move(order));
        begin_job(self);
      },
      [self](const keep_model& ended) {
        forget(self, ended.table);
        if (auto ok = write_image(*self->state.env, *ended.table, *ended.cell, [] { return true; }); !ok)
          self->state.env->logger->warn("no image of {}: {}", ended.table->name, ok.error().message());
      },
      [self](const drop_images& rebuilt) {
        forget(self, rebuilt.table);
        if (auto ok = self->state.env->images->drop(rebuilt.table->name); !ok)
          self->state.env->logger->error("images of {}: {}", rebuilt.table->name, ok.error().message());
      },
      [self](go_on) { advance(self); },
      [self](stop_now) { self->quit(caf::exit_reason::user_shutdown); },
  };
}

}  // namespace annals::actors
