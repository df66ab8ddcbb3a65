// A subscription: deals the events of the log to its members, and stores what they have acknowledged.
//
//   takes   join_subscription, leave_subscription   from hosts
//           want_events      a member waits for events
//           acknowledge, refuse, resolve            decisions of members: decisions.cpp
//           kept             from the drainer: decisions are durable
//           grown            from the event bus
//           journal_stopped  from the engine: the runtime has stopped
//           go_on            from itself, while there is more to read
//           alarm            from itself, when a member has waited, or held an event, for long enough, or a pause is over
//           stop_now, wake   from the engine, when it closes: wake is answered once all decisions are on their way
//   sends   keep             to the drainer: the decisions since the last one; one at a time, except for the last
//           after            to the event bus, when a member waits and the subscription has reached the head
//
// Invariants: it reads on only while a member waits, and holds a bounded number of events, so a slow member costs no memory; an
// event is open until it is acknowledged, parked or skipped, and the checkpoint never passes an open event; while a member holds an
// event of a stream, nobody else gets one of that stream; a parked entry and the checkpoint that passes it are written in one commit.
#include "actors/subscriptions/subscription.hpp"

#include "actors/base/longest_wait.hpp"
#include "actors/follow/messages.hpp"
#include "actors/subscriptions/filter.hpp"
#include "actors/upkeep/messages.hpp"
#include "store/log/record_copy.hpp"

#include <algorithm>

namespace annals::actors {
namespace {

constexpr std::size_t batch_records = 1'000;
constexpr std::size_t batch_bytes_max = std::size_t{8} << 20;
constexpr std::size_t changes_max = 1'000;  // not yet in the table; beyond this, no more is read

error closed() { return {errc::closed, "the runtime is closed"}; }

bool has_room(const subscription_state& s, member_id who) { return s.open.held_by(who) < s.options.in_flight_max; }

/// Nothing is handed out while too many decisions wait to be written.
bool may_hand_out(const subscription_state& s) { return !s.stopped && !s.closing && s.decided.size() < s.options.open_max; }

std::vector<delivered> take_batch(subscription_ptr self, const subscription_state::waiting_member& to) {
  auto& s = self->state;
  const auto due = self->clock().now() + s.options.ack_time_out;
  const auto count = std::min(to.max, s.options.in_flight_max - s.open.held_by(to.who));
  std::vector<position> positions;
  while (positions.size() < count && s.open.has_for(to.who)) positions.push_back(s.open.take(to.who, due));
  std::vector<delivered> batch;
  std::size_t bytes = 0;
  const auto read = s.env->log->read_at(positions, [&](const record_view& record) {
    auto copy = store::copy_of(record);
    batch.push_back({copy.record, s.open.attempts(record.at), std::move(copy.bytes)});
    bytes += record.stored_bytes;
    return bytes < batch_bytes_max;
  });
  if (!read) batch.clear();
  for (auto i = positions.size(); i > batch.size(); --i) s.open.take_back(positions[i - 1]);
  if (!read) stop(self, read.error(), read.error().place);
  return batch;
}

void hand_out(subscription_ptr self) {
  auto& s = self->state;
  for (std::size_t i = 0; i < s.waiting.size() && may_hand_out(s);) {
    auto& to = s.waiting[i];
    if (!has_room(s, to.who) || !s.open.has_for(to.who)) {
      ++i;
      continue;
    }
    *to.caller->batch = take_batch(self, to);
    if (s.stopped) return;
    to.caller->answer();
    s.waiting.erase(s.waiting.begin() + static_cast<std::ptrdiff_t>(i));
  }
}

bool wants_more(const subscription_state& s) {
  if (!may_hand_out(s) || s.open.size() >= s.options.open_max || s.ledger.change_count() >= changes_max) return false;
  return std::any_of(s.waiting.begin(), s.waiting.end(),
                     [&](const auto& to) { return has_room(s, to.who) && !s.open.has_for(to.who); });
}

/// The position from which on the record's stream is parked; nothing if it is not. An event being retried is open again, or will be.
std::optional<position> parked_from(const subscription_state& s, const record_view& record) {
  if (s.options.failure.then != on_failure::park_stream || s.ledger.parked_count() == 0) return std::nullopt;
  const auto* parked = s.ledger.parked_of(std::string{record.stream});
  if (!parked || record.at < *parked->begin() || s.open.contains(*parked->rbegin()) || s.retried.contains(*parked->rbegin()))
    return std::nullopt;
  return *parked->begin();
}

position next_to_read(const subscription_state& s) {
  const auto next = s.ledger.settled().next_open(s.read_up_to + 1);
  return s.retried.empty() ? next : std::min(next, *s.retried.begin());
}

void read_on(subscription_ptr self) {
  auto& s = self->state;
  store::read_limits limits;
  limits.records_max = batch_records;
  const auto from = next_to_read(s);
  bool has_read = false;
  const auto read = s.env->log->read(from, limits, [&](const record_view& record) {
    has_read = true;
    if (s.retried.erase(record.at) > 0)
      s.open.add(record.at, record.stream);
    else if (!s.ledger.settled().contains(record.at)) {
      if (!is_wanted(s.options, record))
        s.ledger.pass_over(record.at);
      else if (const auto first = parked_from(s, record)) {
        if (!park_behind(self, record, *first)) return false;
      } else
        s.open.add(record.at, record.stream);
    }
    s.read_up_to = record.at;
    return s.open.size() < s.options.open_max && s.ledger.change_count() < changes_max;
  });
  if (!read && !has_read) stop(self, read.error(), read.error().place);  // the events before it are handed out first
}

void keep_changes(subscription_ptr self) {
  auto& s = self->state;
  if (s.cannot_keep)
    for (auto& one : std::exchange(s.decided, {})) one->answer(*s.cannot_keep);
  const bool has_more = !s.cannot_keep && (!s.decided.empty() || s.ledger.has_changes());
  if (s.closing && !has_more && s.being_kept.empty()) self->quit(caf::exit_reason::user_shutdown);
  // When closing, the last write does not wait for the one before: the drainer ends soon.
  if (!has_more || (!s.being_kept.empty() && !s.closing)) return;
  s.being_kept.push_back(std::exchange(s.decided, {}));
  self->send(s.ports->drainer, keep{s.ledger.take_changes(), {self, nullptr}, 0});
}

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

void show(subscription_ptr self) {
  auto& s = self->state;
  const std::lock_guard lock{s.cell->mutex};
  s.cell->shown = {s.cell->name, s.ledger.settled().low(), s.members.size(), s.open.held(), s.ledger.parked_count(), s.stopped};
}

/// Does what may be possible after any change.
void advance(subscription_ptr self) {
  auto& s = self->state;
  hand_out(self);
  if (wants_more(s)) {
    read_on(self);
    hand_out(self);
  }
  if (s.closing) {
    answer_waiting(self, closed());
    for (auto& who : std::exchange(s.joining, {})) who.caller->answer(closed());
  } else if (s.stopped)
    answer_waiting(self, *s.stopped);
  if (wants_more(s)) {
    const bool has_more = next_to_read(s) <= s.env->log->readable();
    if (has_more && !std::exchange(s.going_on, true)) self->send(self, go_on::value);
    if (!has_more && !std::exchange(s.asked_bus, true)) self->send(s.ports->event_bus, after{self, s.env->log->readable()});
  }
  show(self);
  keep_changes(self);
  arm(self);
}

/// Begins to read again, with other options or from another position.
void begin_again(subscription_state& s, const subscription_options& with) {
  s.options = with;
  s.options.begin_anew = false;
  s.open = {};
  s.retried.clear();
  s.stopped.reset();
  s.read_up_to = s.ledger.settled().low();
}

/// The drainer answers when it has made everything readable, or cannot.
void wait_for_drainer(subscription_ptr self, join_subscription who) {
  auto& s = self->state;
  s.joining.push_back(std::move(who));
  if (!s.being_kept.empty()) return;
  s.being_kept.emplace_back();
  self->send(s.ports->drainer, keep{{}, {self, nullptr}, 0});
}

void take(subscription_ptr self, join_subscription& who) {
  auto& s = self->state;
  if (s.closing) return who.caller->answer(closed());
  if (s.ended) return who.caller->answer(*s.ended);
  auto wanted = who.with;
  wanted.begin_anew = false;
  if (!s.members.empty()) {
    if (who.with.begin_anew)
      return who.caller->answer(error{errc::misuse, "a subscription that has members cannot begin anew", s.cell->name});
    if (!same(wanted, s.options))
      return who.caller->answer(error{errc::misuse, "its members subscribed with other options", s.cell->name});
  } else {
    if (s.ledger.is_new()) {
      auto read = subscription_ledger::read(*s.env->log, s.cell->name);
      if (!read) return who.caller->answer(std::move(read).error());
      s.ledger = std::move(*read);
    }
    if (const auto head = who.head; s.ledger.is_new() || who.with.begin_anew) {
      // The control table may refer to readable records only.
      if (head > s.env->log->readable()) return wait_for_drainer(self, std::move(who));
      if (wanted.from != at_head && wanted.from > head + 1)
        return who.caller->answer(error{errc::bad_option, "from",
                                        std::to_string(wanted.from) + " is past the head, " + std::to_string(head), 0, head});
      s.ledger.begin_behind(wanted.from == at_head ? head : std::max<position>(wanted.from, 1) - 1);
      begin_again(s, wanted);
    } else if (!same(wanted, s.options) || s.read_up_to == 0)
      begin_again(s, wanted);
  }
  s.members.insert(who.member);
  s.open.join(who.member);
  if (s.ledger.has_changes())
    s.decided.push_back(std::move(who.caller));
  else
    who.caller->answer();
}

void take(subscription_ptr self, const leave_subscription& gone) {
  auto& s = self->state;
  if (s.members.erase(gone.member) == 0) return;
  s.open.leave(gone.member);
  std::erase_if(s.waiting, [&](const auto& one) {
    if (one.who != gone.member) return false;
    one.caller->answer(error{errc::closed, "this member has left"});
    return true;
  });
}

void take(subscription_ptr self, want_events& what) {
  auto& s = self->state;
  if (!s.members.contains(what.member)) return what.caller->answer(error{errc::closed, "this member has left"});
  if (s.stopped) return what.caller->answer(*s.stopped);
  if (std::any_of(s.waiting.begin(), s.waiting.end(), [&](const auto& one) { return one.who == what.member; }))
    return what.caller->answer(error{errc::misuse, "two threads wait in next() of one member", s.cell->name});
  const auto patience = std::clamp<std::chrono::milliseconds>(what.time_out, std::chrono::milliseconds{0}, longest_wait);
  s.waiting.push_back({what.member, what.max, self->clock().now() + patience, std::move(what.caller)});
}

void take_alarm(subscription_ptr self) {
  auto& s = self->state;
  s.alarm_at.reset();
  const auto now = self->clock().now();
  while (!s.stopped) {
    const auto late = s.open.take_late(now);
    if (!late) break;
    fail_attempt(self, *late, "not acknowledged in time");
  }
  hand_out(self);  // members whose time is over get what there is
  std::erase_if(s.waiting, [&](const auto& one) {
    if (one.until > now) return false;
    one.caller->answer();
    return true;
  });
}

void take(subscription_ptr self, const kept& done) {
  auto& s = self->state;
  if (s.being_kept.empty()) return;  // the runtime stopped meanwhile
  for (auto& one : s.being_kept.front()) done.failed ? one->answer(*done.failed) : one->answer();
  s.being_kept.pop_front();
  for (auto& who : std::exchange(s.joining, {})) done.failed ? who.caller->answer(*done.failed) : take(self, who);
  if (!done.failed || s.cannot_keep) return;
  s.cannot_keep = *done.failed;
  // If the log has failed, the runtime has stopped as well, and journal_stopped is on its way.
  if (!s.closing && done.failed->code != errc::unknown) stop(self, *done.failed, 0);
}

}  // namespace

caf::behavior subscription_actor(subscription_ptr self, const environment& env, const follow_ports& ports,
                                 std::shared_ptr<subscription_cell> cell) {
  self->state = {&env, &ports, std::move(cell)};
  const auto on_call = [self](auto& what) {
    if (self->state.closing) return what.caller->answer(closed());
    if (self->state.ended) return what.caller->answer(*self->state.ended);
    take(self, what);
    advance(self);
  };
  return {
      [self](join_subscription& who) { take(self, who), advance(self); },
      [self](const leave_subscription& gone) { take(self, gone), advance(self); },
      [on_call](want_events& what) { on_call(what); },
      [on_call](acknowledge& what) { on_call(what); },
      [on_call](refuse& what) { on_call(what); },
      [on_call](resolve& what) { on_call(what); },
      [self](const journal_stopped& stopped) { take(self, stopped), advance(self); },
      [self](const kept& done) { take(self, done), advance(self); },
      [self](const grown&) {
        self->state.asked_bus = false;
        advance(self);
      },
      [self](go_on) {
        self->state.going_on = false;
        advance(self);
      },
      [self](alarm) { take_alarm(self), advance(self); },
      [](wake) { return true; },
      [self](stop_now) {
        self->state.closing = true;
        advance(self);
      },
  };
}

}  // namespace annals::actors
