// A process manager: follows the log and acts on what its parts return. The inbound hands records to the instances; the outbox and
// the timers send what the streams of the instances say.
//
//   takes   grown             from the commit bus
//           go_on             from the engine, to begin; from itself, while there is more to read
//           answers           from the journal: to observations, to commands sent, to timers
//           input_again       from itself, when it is time to try a failed input again
//           retry_parked, skip_parked   from hosts
//           control_written   from the drainer: a decision to skip is durable, or everything that was durable is readable
//           sweep             from itself: resends what has had no answer for long, checks timers, writes the checkpoint
//           alarm             from itself, when a timer is due
//           stop_now          from the engine
//   sends   command           to shards
//           after             to the commit bus, when it has read up to the head
//           checkpoint, parked_now   to the index writer
//           write_control     to the drainer
//           store_image       to the image maker
//
//   starting ── go_on: the newest image ──▶ catching up ── at the head of the start ──▶ live ── stop_now ──▶ closing
//                                                                  │
//   in each of these phases it may stop: cell->stopped, until the next start
//
// Invariants: it stops reading when it waits for too many answers, so its memory is bounded; an observation is answered before the
// checkpoint passes it; no command is sent before it is live, since what looks open may have been answered later in the log; what it
// writes outside of the log (checkpoint, image, decisions) refers to readable records only.
#include "actors/processes/process_manager.hpp"

#include "actors/follow/newest_image.hpp"
#include "actors/processes/messages.hpp"
#include "store/log/skip_table.hpp"

#include <annals/detail/events.hpp>

namespace annals::actors {
namespace {

using phase = process_manager_state::phase;

constexpr std::size_t batch_records = 500;
constexpr std::chrono::seconds attempt_max{30};  // without an answer; then it is sent again
constexpr std::chrono::milliseconds sweep_pause{1'000};
constexpr position save_every = 1'000;

/// Before the process manager is live, it sends no commands: reading on closes the open ones, so a full outbox must not stop reading.
bool is_full(const process_manager_state& s) { return s.inbound->is_full() || (s.now == phase::live && s.outbox->is_full()); }

/// Takes a record that the runtime wrote to the stream of an instance.
result<void> follow_own(process_manager_state& s, const record_view& record) {
  using namespace detail;
  return read_event(process_records{}, record, [&]<class E>(E&& event) {
    using type = std::remove_cvref_t<E>;
    if constexpr (std::is_same_v<type, timer_set>)
      s.timers->follow(record, std::forward<E>(event), s.env->now(), s.env->steady());
    else if constexpr (std::is_same_v<type, timer_fired> || std::is_same_v<type, timers_cancelled>)
      s.timers->follow(record, event);
    else
      s.outbox->follow(record, std::forward<E>(event));
  });
}

result<void> follow(process_manager_ptr self, const record_view& record) {
  auto& s = self->state;
  if (auto ok = follow_streams(self, record); !ok) return ok;
  if (record.at <= s.observed) {
    s.cell->meters.passed.add();
    return {};
  }
  auto ok = s.inbound->follow(record, s.env->now());
  if (ok) return {};
  auto why = std::move(ok).error();
  why.place = record.at;
  return why;
}

void read_batch(process_manager_ptr self) {
  auto& s = self->state;
  store::read_limits limits;
  limits.records_max = batch_records;
  std::optional<error> wrong;
  position reached = s.cell->at;
  const telemetry::stopwatch watch;
  auto read = s.env->log->read_durable(reached + 1, limits, [&](const record_view& record) {
    if (auto ok = follow(self, record); !ok)
      wrong = std::move(ok).error();
    else {
      reached = record.at;
      s.reached_time = record.time;
    }
    return !wrong && !is_full(s);
  });
  s.cell->meters.batch_duration.add(watch.elapsed());
  if (!read && !wrong) wrong = read.error();
  if (reached >= s.start_head) go_live(self);  // before anybody sees that nothing is under way
  show(self, reached);
  if (wrong) stop(self, *wrong);
}

void save(process_manager_ptr self) {
  auto& s = self->state;
  const auto reached = std::min(s.inbound->checkpoint(s.cell->at), s.env->log->readable());
  if (reached <= s.saved) return;
  s.saved = reached;
  self->send(s.ports->index_writer, checkpoint{s.cell->owner.checkpoint(), reached});
}

void arm_alarm(process_manager_ptr self) {
  auto& s = self->state;
  const auto due = s.timers->next_due();
  if (!due || (s.alarm && *s.alarm <= *due)) return;
  const auto wait = std::max<timestamp>(0, added(*due, -s.env->steady()));
  if (wait > std::chrono::microseconds{sweep_pause}.count()) return;  // the sweep comes first
  s.alarm = due;
  self->delayed_send(self, std::chrono::microseconds{wait}, alarm::value);
}

}  // namespace

result<void> follow_streams(process_manager_ptr self, const record_view& record) {
  auto& s = self->state;
  s.outbox->follow(record);
  const bool is_own = record.category() == s.table->instance.category && detail::is_the_runtimes(record);
  return is_own && !s.parked->skipped.contains(record.at) ? follow_own(s, record) : result<void>{};
}

result<void> observe_again(process_manager_ptr self, const std::vector<position>& these) {
  auto& s = self->state;
  result<void> done;
  auto read = s.env->log->read_durable_at(these, [&](const record_view& record) {
    done = s.inbound->follow_again(record, s.env->now());
    return done.has_value();
  });
  return read ? done : read;
}

void go_live(process_manager_ptr self) {
  auto& s = self->state;
  if (s.now != phase::live) drop_orphans(self);
  s.now = phase::live;
  settle_tried(self);
}

void stop(process_manager_ptr self, const error& why) {
  auto& s = self->state;
  auto& cell = *s.cell;
  {
    const cell_change change{cell};
    if (cell.stopped) return;
    cell.stopped = std::make_shared<const error>(
        error{errc::projection_failed, cell.name + " stopped at position " + std::to_string(why.place), why.message(), 0, why.place});
  }
  cell.meters.stopped.set(1);
  s.outbox->end();
  s.env->news.changed();
  refuse_waiting(self);
  s.env->report(cell.owner.described(), *cell.stopped);
}

void advance(process_manager_ptr self) {
  auto& s = self->state;
  settle_tried(self);
  if (s.now == phase::closing) return;
  if (s.cell->stopped) return send_all(self);  // instances observe what was read before
  if (s.now == phase::live) {
    s.outbox->begin();
    s.timers->tick(s.env->steady(), s.inbound->reached(s.cell->at), head_of(s), s.outbox->is_sending_again());
    arm_alarm(self);
  }
  send_all(self);
  if (s.parked->has_tried()) settle_tried(self), send_all(self);  // what was refused at once
  if (s.cell->stopped) return;
  if (s.held_version != s.outbox->held_version() || s.parked->is_changed()) show(self, s.cell->at);
  if (s.inbound->checkpoint(s.cell->at) >= s.saved + save_every) save(self);
  save_open_inputs(self, s.env->options.image_every_records);
  if (s.cell->at < head_of(s)) {
    if (!is_full(s) && !std::exchange(s.going_on, true)) self->send(self, go_on::value);
  } else if (!std::exchange(s.asked_bus, true))
    self->send(s.ports->commit_bus, after{self, s.cell->at});
}

namespace {

void read_on(process_manager_ptr self) {
  auto& s = self->state;
  if (s.now == phase::closing) return;
  if (s.now == phase::starting) begin_with_image(self);
  if (s.cell->stopped) return;
  if (!is_full(s)) read_batch(self);
  advance(self);
}

void on_answers(process_manager_ptr self, const answers& batch) {
  auto& s = self->state;
  for (const auto& reply : batch.list) on_answer(self, reply);
  if (!s.cell->stopped && !s.parked->all().empty())
    if (auto full = s.inbound->set_aside_parked(s.env->now())) stop(self, *full);
  settle_tried(self);  // before show(): settle() must not see that nothing is under way
  show(self, s.cell->at);
  advance(self);
}

void end(process_manager_ptr self) {
  save(self);
  save_open_inputs(self, image_on_close_records);
  self->quit(caf::exit_reason::user_shutdown);
}

/// Writes what the next start needs, once everything that it refers to is readable, or readers make no more progress.
void close(process_manager_ptr self) {
  auto& s = self->state;
  s.now = phase::closing;
  const auto readable = s.env->log->readable();
  const bool waits = !s.cell->stopped && s.cell->at > readable && !s.env->alive.storage_full() && s.readable_at_close != readable;
  s.readable_at_close = readable;
  if (!waits) return end(self);
  self->send(s.ports->drainer, write_control{{}, {self}, drained_tag});
}

}  // namespace

caf::behavior process_manager(process_manager_ptr self, const environment& env, const follow_ports& ports, const detail::process_table& table,
                              find_table find, std::shared_ptr<follower_cell> cell, recipient me) {
  auto& s = self->state;
  s.env = &env;
  s.ports = &ports;
  s.table = &table;
  s.cell = std::move(cell);
  s.parked.emplace(table.on_failure);
  s.inbound.emplace(table, me, *s.parked);
  s.outbox.emplace(table, std::move(find), me, *s.parked);
  s.timers.emplace(table, me, *s.parked);
  s.inbound->trace_to(env.tracing);
  s.outbox->trace_to(env.tracing);
  s.timers->trace_to(env.tracing);
  s.observed = env.derived->checkpoint(s.cell->owner.checkpoint());
  s.saved = s.observed;
  s.start_head = env.log->durable();
  if (auto skipped = store::skipped_before(*env.log, s.cell->owner.stored()))
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
      [self](const answers& batch) { on_answers(self, batch); },
      [self](const input_again& paused) {
        auto& s = self->state;
        s.inbound->again(paused.at);
        s.outbox->again(paused.at);
        s.timers->again(paused.at);
        advance(self);
      },
      [self](const retry_parked& order) { on_retry_parked(self, order), advance(self); },
      [self](const skip_parked& order) { on_skip_parked(self, order), advance(self); },
      [self](const control_written& decided) {
        if (self->state.now != phase::closing || decided.tag != drained_tag) return on_control_written(self, decided);
        decided.failed ? end(self) : close(self);
      },
      [self](alarm) {
        self->state.alarm.reset();
        advance(self);
      },
      [self](sweep) {
        auto& s = self->state;
        if (s.now == phase::closing && s.env->alive.storage_full()) return end(self);  // the drainer waits for space
        const auto since = self->clock().now() - attempt_max;
        s.inbound->resend(since);
        s.outbox->resend(since);
        s.timers->resend(since);
        save(self);
        advance(self);
        self->delayed_send(self, sweep_pause, sweep::value);
      },
      [self](stop_now) { close(self); },
  };
}

}  // namespace annals::actors
