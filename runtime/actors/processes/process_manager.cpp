// A process manager: follows the log once, for two ends.
//
//   takes   grown       from the event bus
//           go_on       from the engine, to begin; from itself, while there is more to read
//           answers     from the journal: to observations, to commands sent, to timers
//           input_again   from itself, when an input that failed is to be tried again
//           retry_parked, skip_parked   from hosts
//           kept        from the drainer: a decision to skip is durable
//           sweep       from itself: what has had no answer for long is sent again; timers
//           stop_now    from the engine
//   sends   command     to shards: observations to its instances (router), and what their streams say (dispatcher)
//           checkpoint, parked_now   to the index writer
//           keep        to the drainer
//           keep_image  to the image maker
//
// Invariants: it stops reading when it waits for too much, so its memory is bounded; an observation is answered
// before the checkpoint passes it; nothing is sent before the log has been followed up to the head of the start,
// since what looks open may have been answered later in the log.
#include "actors/processes/process_manager.hpp"

#include "actors/follow/newest_image.hpp"
#include "actors/processes/messages.hpp"
#include "actors/upkeep/messages.hpp"
#include "store/log/owner_names.hpp"
#include "store/log/skip_table.hpp"

namespace annals::actors {
namespace {

using self_ptr = process_manager_ptr;

constexpr std::size_t batch_records = 500;
constexpr std::chrono::seconds attempt_max{30};  // without an answer; then it is sent again
constexpr std::chrono::milliseconds sweep_pause{1'000};
constexpr position save_every = 1'000;

bool is_live(const process_manager_state& s) { return s.cell->at >= s.start_head; }

/// Before it is live nothing is sent, so what is open is closed by reading on, not by waiting.
bool is_full(const process_manager_state& s) {
  return s.router->is_full() || (is_live(s) && s.dispatcher->is_full());
}

std::optional<error> follow(self_ptr self, const record_view& record) {
  auto& s = self->state;
  if (auto ok = s.dispatcher->follow(record); !ok) return ok.error();
  if (record.at <= s.observed) return std::nullopt;
  if (auto ok = s.router->follow(self, record, s.next_number); !ok) {
    auto why = ok.error();
    why.place = record.at;
    return why;
  }
  return std::nullopt;
}

void read_batch(self_ptr self) {
  auto& s = self->state;
  store::read_limits limits;
  limits.records_max = batch_records;
  std::optional<error> wrong;
  position reached = s.cell->at;
  auto read = s.env->log->read(reached + 1, limits, [&](const record_view& record) {
    wrong = follow(self, record);
    if (!wrong) reached = record.at;
    return !wrong && !is_full(s);
  });
  if (!read && !wrong) wrong = read.error();
  if (reached >= s.start_head) {  // before anybody sees that nothing is under way
    let_go_of_strangers(self);
    settle_tried(self);
  }
  show(self, reached);
  if (wrong) stop(self, *wrong);
}

void save(self_ptr self) {
  auto& s = self->state;
  const auto reached = s.router->checkpoint(s.cell->at);
  if (reached <= s.saved) return;
  s.saved = reached;
  self->send(s.ports->index_writer, checkpoint{store::owner_of_process(s.cell->name), reached});
}

void arm_alarm(self_ptr self) {
  auto& s = self->state;
  const auto due = s.dispatcher->next_due();
  if (!due || (s.alarm && *s.alarm <= *due)) return;
  const auto wait = std::max<timestamp>(0, added(*due, -s.env->steady()));
  if (wait > std::chrono::microseconds{sweep_pause}.count()) return;  // the sweep comes first
  s.alarm = due;
  self->delayed_send(self, std::chrono::microseconds{wait}, alarm::value);
}

}  // namespace

void stop(self_ptr self, const error& why) {
  auto& s = self->state;
  auto& cell = *s.cell;
  {
    const std::lock_guard lock{cell.mutex};
    if (cell.stopped) return;
    cell.stopped = error{errc::projection_failed, cell.name + " stopped at position " + std::to_string(why.place),
                         why.message(), 0, why.place};
  }
  s.env->news.changed();
  refuse_waiting(self);
  s.env->report("process manager " + cell.name, *cell.stopped);
}

void show(self_ptr self, position reached) {
  auto& s = self->state;
  const bool changed = s.parked->changed();
  {
    const std::lock_guard lock{s.cell->mutex};
    s.cell->at = reached;
    s.cell->under_way = s.router->under_way() + s.dispatcher->under_way();
    s.cell->held = s.dispatcher->held();
    if (changed) s.cell->parked = s.parked->all();
  }
  s.env->news.changed();
  if (changed) show_parked(self);
}

void advance(self_ptr self) {
  auto& s = self->state;
  settle_tried(self);
  if (s.cell->stopped) return;
  if (is_live(s)) {
    s.dispatcher->dispatch(self, s.next_number);
    s.dispatcher->fire(self, s.env->steady(), s.router->reached(s.cell->at), s.env->log->readable(), s.next_number);
    arm_alarm(self);
    if (s.cell->held != s.dispatcher->held()) show(self, s.cell->at);
  }
  if (s.router->checkpoint(s.cell->at) >= s.saved + save_every) save(self);
  keep_open(self, s.env->options.image_every_records);
  if (s.cell->at < s.env->log->readable()) {
    if (!is_full(s) && !std::exchange(s.going_on, true)) self->send(self, go_on::value);
  } else if (!std::exchange(s.asked_bus, true))
    self->send(s.ports->event_bus, after{self, s.cell->at});
}

namespace {

void read_on(self_ptr self) {
  auto& s = self->state;
  if (!std::exchange(s.begun, true)) begin_with_image(self);
  if (s.cell->stopped) return;
  if (!is_full(s)) read_batch(self);
  advance(self);
}

void take(self_ptr self, const answers& batch) {
  auto& s = self->state;
  std::optional<error> wrong;
  for (const auto& reply : batch.list)
    if (!s.router->take(self, reply, s.next_number, wrong)) s.dispatcher->take(self, reply, s.next_number, wrong);
  if (!wrong && !s.cell->stopped && !s.parked->all().empty()) wrong = s.router->set_aside_parked();
  if (wrong) return stop(self, *wrong);
  settle_tried(self);  // before show(): settle() must not see that nothing is under way
  show(self, s.cell->at);
  advance(self);
}

}  // namespace

caf::behavior process_manager(self_ptr self, const environment& env, const follow_ports& ports, const detail::process_table& table,
                              find_table find, std::shared_ptr<model_cell> cell, recipient me) {
  auto& s = self->state;
  s.env = &env;
  s.ports = &ports;
  s.cell = std::move(cell);
  s.parked.emplace(table.on_failure);
  s.router.emplace(env, *ports.commands, table, me, *s.parked);
  s.dispatcher.emplace(env, *ports.commands, table, std::move(find), me, *s.parked);
  s.observed = env.index->checkpoint(store::owner_of_process(s.cell->name));
  s.saved = s.observed;
  s.start_head = env.log->readable();
  if (auto skipped = store::skipped_before(*env.log, store::owner_of_process(s.cell->name)))
    s.parked->skipped = std::move(*skipped);
  else
    stop(self, skipped.error());
  if (table.on_failure.then != on_failure::stop) take_over_parked(self);
  self->delayed_send(self, sweep_pause, sweep::value);
  return {
      [self](const grown&) {
        self->state.asked_bus = false;
        read_on(self);
      },
      [self](go_on) {
        self->state.going_on = false;
        read_on(self);
      },
      [self](const answers& batch) { take(self, batch); },
      [self](const input_again& paused) {
        auto& s = self->state;
        s.router->again(self, paused.at, s.next_number);
        s.dispatcher->again(self, paused.at, s.next_number);
      },
      [self](const retry_parked& order) { take(self, order); },
      [self](const skip_parked& order) { take(self, order); },
      [self](const kept& decided) { take(self, decided); },
      [self](alarm) {
        self->state.alarm.reset();
        advance(self);
      },
      [self](sweep) {
        auto& s = self->state;
        const auto since = self->clock().now() - attempt_max;
        s.router->send_again(self, since, s.next_number);
        s.dispatcher->send_again(self, since, s.next_number);
        save(self);
        advance(self);
        self->delayed_send(self, sweep_pause, sweep::value);
      },
      [self](stop_now) {
        save(self);
        keep_open(self, image_on_close_records);
        self->quit(caf::exit_reason::user_shutdown);
      },
  };
}

}  // namespace annals::actors
