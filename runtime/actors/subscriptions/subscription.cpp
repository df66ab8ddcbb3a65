// A subscription: deals the events of the log to its members, and stores what they have acknowledged.
//
//   takes   join_subscription, leave_subscription   from hosts
//           want_events       a member waits for events
//           acknowledge, refuse, resolve   decisions of members
//           control_written   from the drainer: decisions are durable
//           grown             from the event bus
//           journal_stopped   from the engine: the runtime has stopped
//           go_on             from itself, while there is more to read
//           alarm             from itself, when a member has waited, or held an event, for long enough, or a pause is over
//           stop_now, wake    from the engine, when it closes: wake is answered once all decisions are on their way
//   sends   write_control     to the drainer: the decisions since the last one; one at a time, except for the last
//           after             to the event bus, when a member waits and the subscription has reached the head
//
//   dealing ── journal_stopped ──▶ ended ── stop_now ──▶ closing ── everything is written ──▶ gone
//      └──────────────── stop_now ──────────────────────────┘
//
//   while dealing it may stop at an event: s.stopped, until a retry or a skip decides about it
//
// Invariants: it reads on only while a member waits, and holds a bounded number of events, so a slow member costs no memory; an
// event is open until it is acknowledged, parked or skipped, and the checkpoint never passes an open event; while a member holds an
// event of a stream, nobody else gets one of that stream; a parked entry and the checkpoint that passes it are written in one commit.
#include "actors/subscriptions/subscription.hpp"

#include "actors/follow/messages.hpp"

#include <algorithm>
#include <utility>

namespace annals::actors {
namespace {

using phase = subscription_state::phase;

void answer_waiting(subscription_ptr self, const error& why) {
  for (auto& one : std::exchange(self->state.waiting, {})) one.caller->answer(why);
}

/// Sets the alarm for the time when a member has waited, or held an event, for long enough, or a pause is over.
void arm(subscription_ptr self) {
  auto& s = self->state;
  auto next = s.stopped ? std::nullopt : s.open.next_due();
  for (const auto& one : s.waiting) next = next ? std::min(*next, one.until) : one.until;
  if (!next || (s.alarm_at && *s.alarm_at <= *next)) return;
  s.alarm_at = next;
  const auto now = self->clock().now();
  self->delayed_send(self, std::max(*next - now, subscription_state::time_point::duration{0}), alarm::value);
}

}  // namespace

void show(subscription_ptr self) {
  auto& s = self->state;
  const std::lock_guard lock{s.cell->shown_mutex};
  s.cell->shown = {s.cell->name, s.ledger.settled().low(), s.members.size(), s.open.held(), s.ledger.parked().size(), s.stopped};
  if (s.has_options) {
    s.cell->shown.in_flight_max = s.options.in_flight_max;
    s.cell->shown.on_failure = s.options.failure.then;
  }
  const auto low = s.ledger.settled().low();
  auto& meters = s.cell->meters;
  meters.at(low, s.open.contains(low + 1) && s.open.time_of(low + 1) != 0 ? s.open.time_of(low + 1) : s.read_time);
  meters.ahead.set(s.ledger.settled().ahead());
  meters.stopped.set(s.stopped ? 1 : 0);
  meters.ready.set(s.read_up_to > 0 || low > 0);
  meters.parked_now.set(s.ledger.parked().size());
  meters.parked_oldest.set(static_cast<std::uint64_t>(s.ledger.oldest_parked()));
  s.cell->of_members.members.set(s.members.size());
  s.cell->of_members.in_flight.set(s.open.held());
}

namespace {

/// Does what may be possible after any change.
void advance(subscription_ptr self) {
  auto& s = self->state;
  deal(self);
  if (s.now == phase::closing) {
    answer_waiting(self, subscription_closed());
    for (auto& request : std::exchange(s.joining, {})) request.caller->answer(subscription_closed());
  } else if (s.stopped)
    answer_waiting(self, *s.stopped);
  if (wants_more(s)) {
    const bool has_more = next_to_read(s) <= s.env->log->readable();
    if (has_more && !std::exchange(s.going_on, true)) self->send(self, go_on::value);
    if (!has_more && !std::exchange(s.asked_bus, true)) self->send(s.ports->event_bus, after{self, s.env->log->readable()});
  }
  show(self);
  write_decisions(self);
  arm(self);
}

}  // namespace

error subscription_closed() { return {errc::closed, "the runtime is closed"}; }

void stop(subscription_ptr self, const error& why, position at) {
  auto& s = self->state;
  if (s.stopped) return;  // the event where it stopped first has to be decided first
  s.stopped = error{errc::subscription_stopped, s.cell->name + " stopped at position " + std::to_string(at), why.message(), 0, at};
  s.env->report(s.cell->owner.described(), *s.stopped);
}

caf::behavior subscription_actor(subscription_ptr self, const environment& env, const follow_ports& ports, std::shared_ptr<subscription_cell> cell) {
  self->state.env = &env;
  self->state.ports = &ports;
  self->state.cell = std::move(cell);
  const auto on_call = [self](auto& what, auto handle) {
    auto& s = self->state;
    if (s.now == phase::closing) return what.caller->answer(subscription_closed());
    if (s.ended) return what.caller->answer(*s.ended);
    handle(self, what);
    advance(self);
  };
  return {
      [self](join_subscription& request) { on_join(self, request), advance(self); },
      [self](const leave_subscription& gone) { on_leave(self, gone), advance(self); },
      [on_call](want_events& what) { on_call(what, on_want_events); },
      [on_call](acknowledge& what) { on_call(what, on_acknowledge); },
      [on_call](refuse& what) { on_call(what, on_refuse); },
      [on_call](resolve& what) { on_call(what, on_resolve); },
      [self](const journal_stopped& stopped) { on_journal_stopped(self, stopped), advance(self); },
      [self](const control_written& done) { on_control_written(self, done), advance(self); },
      [self](const grown&) {
        self->state.asked_bus = false;
        advance(self);
      },
      [self](go_on) {
        self->state.going_on = false;
        advance(self);
      },
      [self](alarm) { on_alarm(self), advance(self); },
      [](wake) { return true; },
      [self](stop_now) {
        self->state.now = phase::closing;
        advance(self);
      },
  };
}

}  // namespace annals::actors
