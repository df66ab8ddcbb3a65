// What members of a subscription decide, and what happens to events that could not be handled. A decision is in the ledger at once,
// and answered when it is durable.
#include "actors/dead_letters/attempts.hpp"
#include "actors/dead_letters/errors.hpp"
#include "actors/subscriptions/subscription.hpp"

#include <annals/detail/tables.hpp>

#include <algorithm>

namespace annals::actors {
namespace {

bool is_by_stream(const subscription_state& s) { return s.options.failure.then == on_failure::park_stream; }

error not_handed_out(position at) { return {errc::not_found, "no event was handed out at this position", std::to_string(at), 0, at}; }

bool is_known(const subscription_state& s, position at) {
  if (at == 0) return false;
  if (s.open.contains(at)) return s.open.was_handed_out(at) || s.ledger.parked().contains(at);
  return s.ledger.settled().contains(at);
}

/// `resolved` counts it if it was parked, `settled` if it was open.
void finish(subscription_state& s, position at, telemetry::counter& resolved, telemetry::counter& settled) {
  s.open.remove(at);
  s.retried.erase(at);
  if (s.ledger.parked().contains(at)) {
    s.ledger.unpark(at);
    resolved.add();
  } else if (!s.ledger.settled().contains(at)) {
    s.ledger.settle(at);
    settled.add();
  }
}

parked_event described(const subscription_state& s, const record_view& record, std::string why, std::uint32_t attempts) {
  return {record.at, std::string{record.stream}, std::move(why), attempts, s.env->now()};
}

/// Parks the event in the ledger, and counts it if it was neither parked nor settled before.
void put(subscription_state& s, const parked_event& one) {
  const bool is_parked = s.ledger.parked().contains(one.at);
  const bool is_settled = s.ledger.settled().contains(one.at);
  s.ledger.park(one);
  if (is_parked) return;
  s.cell->meters.parked_in_all.add();
  s.cell->meters.parked.add(!is_settled);
}

bool has_room_to_park(subscription_ptr self, std::size_t more, position at) {
  auto& s = self->state;
  if (s.ledger.parked().size() + more <= s.options.parked_max) return true;
  auto full = too_many_parked(s.options.parked_max, at);
  full.code = errc::subscription_stopped;
  stop(self, full, at);
  return false;
}

/// Parks the event and, if the policy parks streams, the open events after it in its stream.
void park(subscription_ptr self, position at, const std::string& why, std::uint32_t attempts) {
  auto& s = self->state;
  std::vector<position> all{at};
  const auto stream = s.open.stream_of(at);
  if (is_by_stream(s)) {
    const auto later = s.open.later_in_stream(at);
    all.insert(all.end(), later.begin(), later.end());
  }
  const auto more = std::count_if(all.begin(), all.end(), [&](position one) { return !s.ledger.parked().contains(one); });
  if (!has_room_to_park(self, static_cast<std::size_t>(more), at)) return;
  std::string type;
  const auto read = s.env->log->read_at(all, [&](const record_view& record) {
    if (record.at == at) type = record.type;
    put(s, record.at == at ? described(s, record, why, attempts) : described(s, record, detail::waits_for(at), 0));
    s.open.remove(record.at);
    return true;
  });
  if (!read) return stop(self, read.error(), read.error().place);
  if (is_by_stream(s))  // events waiting to be opened again now wait for this one
    for (const auto one : s.ledger.parked().in(stream)) s.retried.erase(one);
  s.env->report({s.cell->owner.stored(), at, stream, std::move(type), why, attempts});
}

/// Opens a parked event again, in the order of its stream: if reading has not reached it yet, it is opened then.
void open_again(subscription_state& s, position parked, const std::string& stream) {
  if (parked > s.read_up_to)
    s.retried.insert(parked);
  else if (!s.open.contains(parked))
    s.open.add(parked, stream);
}

result<void> retry(subscription_ptr self, position at) {
  auto& s = self->state;
  if (s.stopped && s.stopped->place == at) {
    s.stopped.reset();
    if (s.open.contains(at)) s.open.forgive(at);
    return {};
  }
  if (s.pending_skips.contains(at)) return being_skipped(at);
  const auto& parked = s.ledger.parked();
  if (!parked.contains(at)) return nothing_parked(at);
  const auto stream = parked.lane_of(at);
  if (!is_by_stream(s)) return open_again(s, at, stream), result<void>{};
  if (const auto first = parked.first_in(stream); first != at) return blocked_by(first);
  for (const auto one : parked.in(stream)) open_again(s, one, stream);
  return {};
}

/// The event is skipped at once, and for good when that is durable.
result<void> skip(subscription_ptr self, position at) {
  auto& s = self->state;
  const bool is_where_it_stopped = s.stopped && s.stopped->place == at;
  if (is_where_it_stopped) s.stopped.reset();
  if (s.pending_skips.contains(at)) return {};  // this caller waits for the write
  if (!is_where_it_stopped && !s.ledger.parked().contains(at)) return nothing_parked(at);
  s.pending_skips.insert(at);
  s.next_write.skips.push_back(at);
  finish(s, at, s.cell->meters.skipped, s.cell->meters.passed);
  return {};
}

}  // namespace

void fail_attempt(subscription_ptr self, position at, const std::string& why) {
  auto& s = self->state;
  const auto attempts = s.open.attempts(at);
  s.cell->meters.attempts_failed.add();
  const auto follows = next_step(s.options.failure, attempts);
  s.open.hold(at, self->clock().now() + follows.pause);
  if (follows.next == after_failure::step::park) return park(self, at, why, attempts);
  if (follows.next == after_failure::step::stop) stop(self, error{errc::subscription_stopped, std::to_string(attempts) + " attempts", why}, at);
}

bool park_waiting(subscription_ptr self, const record_view& record, position first) {
  if (!has_room_to_park(self, 1, record.at)) return false;
  put(self->state, described(self->state, record, detail::waits_for(first), 0));
  return true;
}

void on_acknowledge(subscription_ptr self, acknowledge& what) {
  auto& s = self->state;
  for (const auto at : what.positions)
    if (!is_known(s, at)) return what.caller->answer(not_handed_out(at));
  for (const auto at : what.positions) finish(s, at, s.cell->meters.retried, s.cell->meters.applied);
  s.next_write.callers.push_back(std::move(what.caller));
}

void on_refuse(subscription_ptr self, refuse& what) {
  auto& s = self->state;
  if (!is_known(s, what.at)) return what.caller->answer(not_handed_out(what.at));
  // If the member does not hold the event any more, this attempt has been counted already.
  if (s.open.contains(what.at) && s.open.holder(what.at) == what.member) fail_attempt(self, what.at, detail::shortened(what.why));
  s.next_write.callers.push_back(std::move(what.caller));
}

void on_resolve(subscription_ptr self, resolve& what) {
  auto& s = self->state;
  auto done = what.is_retry ? retry(self, what.at) : skip(self, what.at);
  if (!done) return what.caller->answer(std::move(done).error());
  if (what.is_retry)
    what.caller->answer();
  else
    s.next_write.callers.push_back(std::move(what.caller));
}

namespace {

/// These skips have been written, or never will be.
void forget(subscription_state& s, const subscription_state::decisions& these) {
  for (const auto at : these.skips) s.pending_skips.erase(at);
}

}  // namespace

void write_decisions(subscription_ptr self) {
  auto& s = self->state;
  if (s.cannot_write) {
    for (auto& one : s.next_write.callers) one->answer(*s.cannot_write);
    forget(s, std::exchange(s.next_write, {}));
  }
  const bool is_closing = s.now == subscription_state::phase::closing;
  const bool has_more = !s.cannot_write && (!s.next_write.callers.empty() || s.ledger.has_changes());
  if (is_closing && !has_more && s.writing.empty()) self->quit(caf::exit_reason::user_shutdown);
  // When closing, the last write does not wait for the one before: the drainer ends soon.
  if (!has_more || (!s.writing.empty() && !is_closing)) return;
  s.writing.push_back(std::exchange(s.next_write, {}));
  self->send(s.ports->drainer, write_control{s.ledger.take_changes(), {self, nullptr}, 0});
}

void on_control_written(subscription_ptr self, const control_written& done) {
  auto& s = self->state;
  if (s.writing.empty()) return;  // the runtime stopped meanwhile
  for (auto& one : s.writing.front().callers) done.failed ? one->answer(*done.failed) : one->answer();
  forget(s, s.writing.front());
  s.writing.pop_front();
  for (auto& request : std::exchange(s.joining, {})) done.failed ? request.caller->answer(*done.failed) : on_join(self, request);
  if (!done.failed || s.cannot_write) return;
  s.cannot_write = *done.failed;
  // If the log has failed, the runtime has stopped as well, and journal_stopped is on its way.
  if (s.now != subscription_state::phase::closing && done.failed->code != errc::unknown) stop(self, *done.failed, 0);
}

void on_journal_stopped(subscription_ptr self, const journal_stopped& stopped) {
  auto& s = self->state;
  if (s.now == subscription_state::phase::dealing) s.now = subscription_state::phase::ended;
  s.ended = s.stopped = s.cannot_write = stopped.why;
  for (auto& all : std::exchange(s.writing, {}))
    for (auto& one : all.callers) one->answer(error{errc::unknown, "the runtime has stopped", stopped.why.message()});
}

}  // namespace annals::actors
