// What members of a subscription decide, and what happens to events that could not be handled. A decision is in the ledger at once,
// and answered when it is durable.
#include "actors/follow/failure.hpp"
#include "actors/subscriptions/subscription.hpp"
#include "store/log/subscription_table.hpp"

#include <annals/detail/tables.hpp>

#include <spdlog/logger.h>

#include <algorithm>

namespace annals::actors {
namespace {

error not_handed_out(position at) {
  return {errc::not_found, "this position was not handed out", std::to_string(at), 0, at};
}

bool is_known(const subscription_state& s, position at) {
  if (at == 0) return false;
  if (s.open.contains(at)) return s.open.was_handed_out(at) || s.ledger.is_parked(at);
  return s.ledger.settled().contains(at);
}

void finish(subscription_state& s, position at) {
  s.open.remove(at);
  s.retried.erase(at);
  if (s.ledger.is_parked(at))
    s.ledger.unpark(at);
  else if (!s.ledger.settled().contains(at))
    s.ledger.settle(at);
}

parked_event described(const subscription_state& s, const record_view& record, std::string why, std::uint32_t attempts) {
  return {record.at, std::string{record.stream}, std::move(why), attempts, s.env->now()};
}

std::string behind_position(position first) { return "behind position " + std::to_string(first); }

bool has_room_to_park(subscription_ptr self, std::size_t more, position at) {
  auto& s = self->state;
  if (s.ledger.parked_count() + more <= s.options.parked_max) return true;
  stop(self, error{errc::subscription_stopped, "too many parked events", std::to_string(s.ledger.parked_count())}, at);
  return false;
}

/// Parks the event and, if the policy parks streams, the open events after it in its stream.
void park(subscription_ptr self, position at, const std::string& why, std::uint32_t attempts) {
  auto& s = self->state;
  std::vector<position> all{at};
  const auto stream = s.open.stream_of(at);
  if (s.options.failure.then == on_failure::park_stream) {
    const auto behind = s.open.behind(at);
    all.insert(all.end(), behind.begin(), behind.end());
  }
  const auto more = std::count_if(all.begin(), all.end(), [&](position one) { return !s.ledger.is_parked(one); });
  if (!has_room_to_park(self, static_cast<std::size_t>(more), at)) return;
  std::string type;
  const auto read = s.env->log->read_at(all, [&](const record_view& record) {
    if (record.at == at) type = record.type;
    s.ledger.park(record.at == at ? described(s, record, why, attempts) : described(s, record, behind_position(at), 0));
    s.open.remove(record.at);
    return true;
  });
  if (!read) return stop(self, read.error(), read.error().place);
  if (s.options.failure.then == on_failure::park_stream)  // events waiting to be opened again now wait for this one
    for (const auto one : *s.ledger.parked_of(stream)) s.retried.erase(one);
  s.env->report({store::key_of_subscription(s.cell->name), at, stream, std::move(type), why, attempts});
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
  if (!s.ledger.is_parked(at)) return error{errc::not_found, "this position is not parked", std::to_string(at), 0, at};
  const auto stream = s.ledger.stream_of(at);
  const auto& of_stream = *s.ledger.parked_of(stream);
  if (s.options.failure.then == on_failure::park_stream && *of_stream.begin() != at)
    return error{errc::misuse, "another event of its stream is parked before it", "at position " + std::to_string(*of_stream.begin()), 0,
                 *of_stream.begin()};
  if (s.options.failure.then != on_failure::park_stream) return open_again(s, at, stream), result<void>{};
  for (const auto one : of_stream) open_again(s, one, stream);
  return {};
}

result<void> skip(subscription_ptr self, position at) {
  auto& s = self->state;
  const bool is_where_it_stopped = s.stopped && s.stopped->place == at;
  if (!is_where_it_stopped && !s.ledger.is_parked(at))
    return error{errc::not_found, "this position is not parked", std::to_string(at), 0, at};
  finish(s, at);
  if (is_where_it_stopped) s.stopped.reset();
  return {};
}

}  // namespace

void stop(subscription_ptr self, const error& why, position at) {
  auto& s = self->state;
  if (s.stopped) return;  // the event where it stopped first has to be decided first
  s.stopped = error{errc::subscription_stopped, s.cell->name + " stopped at position " + std::to_string(at), why.message(), 0, at};
  s.env->report("subscription " + s.cell->name, *s.stopped);
}

void fail_attempt(subscription_ptr self, position at, const std::string& why) {
  auto& s = self->state;
  const auto attempts = s.open.attempts(at);
  const auto now = self->clock().now();
  if (attempts < s.options.failure.attempts) return s.open.hold(at, now + pause_behind(s.options.failure, attempts));
  s.open.hold(at, now);
  if (s.options.failure.then != on_failure::stop) return park(self, at, why, attempts);
  stop(self, error{errc::subscription_stopped, std::to_string(attempts) + " attempts", why}, at);
}

bool park_behind(subscription_ptr self, const record_view& record, position first) {
  if (!has_room_to_park(self, 1, record.at)) return false;
  self->state.ledger.park(described(self->state, record, behind_position(first), 0));
  return true;
}

void take(subscription_ptr self, acknowledge& what) {
  auto& s = self->state;
  for (const auto at : what.positions)
    if (!is_known(s, at)) return what.caller->answer(not_handed_out(at));
  for (const auto at : what.positions) finish(s, at);
  s.decided.push_back(std::move(what.caller));
}

void take(subscription_ptr self, refuse& what) {
  auto& s = self->state;
  if (!is_known(s, what.at)) return what.caller->answer(not_handed_out(what.at));
  // If the member does not hold the event any more, this attempt has been counted already.
  if (s.open.contains(what.at) && s.open.holder(what.at) == what.member) fail_attempt(self, what.at, detail::shortened(what.why));
  s.decided.push_back(std::move(what.caller));
}

void take(subscription_ptr self, resolve& what) {
  auto& s = self->state;
  auto done = what.is_retry ? retry(self, what.at) : skip(self, what.at);
  if (!done) return what.caller->answer(std::move(done).error());
  if (what.is_retry)
    what.caller->answer();
  else
    s.decided.push_back(std::move(what.caller));
}

void take(subscription_ptr self, const journal_stopped& stopped) {
  auto& s = self->state;
  s.ended = s.stopped = s.cannot_keep = stopped.why;
  for (auto& all : std::exchange(s.being_kept, {}))
    for (auto& one : all) one->answer(error{errc::unknown, "the runtime has stopped", stopped.why.message()});
}

}  // namespace annals::actors
