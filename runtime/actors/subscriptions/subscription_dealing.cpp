// Which member gets which event: what has been read is handed out, and more is read while a member waits for it.
#include "actors/base/longest_wait.hpp"
#include "actors/subscriptions/filter.hpp"
#include "actors/subscriptions/subscription.hpp"
#include "store/log/record_copy.hpp"

#include <algorithm>
#include <utility>

namespace annals::actors {
namespace {

constexpr std::size_t batch_records = 1'000;
constexpr std::size_t batch_bytes_max = std::size_t{8} << 20;
constexpr std::size_t changes_max = 1'000;  // not yet in the table; beyond this, no more is read

bool has_room(const subscription_state& s, member_id member) { return s.open.held_by(member) < s.options.in_flight_max; }

/// Nothing is handed out while too many decisions wait to be written.
bool may_hand_out(const subscription_state& s) {
  return !s.stopped && s.now != subscription_state::phase::closing && s.next_write.callers.size() < s.options.open_max;
}

std::vector<delivered> take_batch(subscription_ptr self, const subscription_state::waiting_member& to) {
  auto& s = self->state;
  const auto due = self->clock().now() + s.options.ack_time_out;
  const auto count = std::min(to.max, s.options.in_flight_max - s.open.held_by(to.member));
  std::vector<position> positions;
  while (positions.size() < count && s.open.has_for(to.member)) positions.push_back(s.open.take(to.member, due));
  std::vector<delivered> batch;
  batch.reserve(positions.size());
  std::size_t bytes = 0;
  store::record_copier copies;
  const auto read = s.env->log->read_at(positions, [&](const record_view& record) {
    auto copy = copies.copy(record);
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
    if (!has_room(s, to.member) || !s.open.has_for(to.member)) {
      ++i;
      continue;
    }
    *to.caller->batch = take_batch(self, to);
    if (s.stopped) return;
    to.caller->answer();
    s.waiting.erase(s.waiting.begin() + static_cast<std::ptrdiff_t>(i));
  }
}

/// The first parked event of the record's stream, if the record has to wait for it; otherwise 0. It does not wait if the stream is being
/// retried: then its last parked event is open again, or will be.
position blocked_by_parked(const subscription_state& s, const record_view& record) {
  if (s.options.failure.then != on_failure::park_stream || s.ledger.parked().empty()) return 0;
  const auto& parked = s.ledger.parked().in(record.stream);
  if (parked.empty() || record.at < *parked.begin() || s.open.contains(*parked.rbegin()) || s.retried.contains(*parked.rbegin())) return 0;
  return *parked.begin();
}

void pass_over(subscription_state& s, position at) {
  s.ledger.pass_over(at);
  s.cell->meters.passed.add();
}

void read_on(subscription_ptr self) {
  auto& s = self->state;
  store::read_limits limits;
  limits.records_max = batch_records;
  const auto from = next_to_read(s);
  bool has_read = false;
  const telemetry::stopwatch watch;
  const auto read = s.env->log->read(from, limits, [&](const record_view& record) {
    has_read = true;
    if (s.retried.erase(record.at) > 0)
      s.open.add(record.at, record.stream);
    else if (!s.ledger.settled().contains(record.at)) {
      if (!is_wanted(s.options, record))
        pass_over(s, record.at);
      else if (const auto first = blocked_by_parked(s, record)) {
        if (!park_waiting(self, record, first)) return false;
      } else
        s.open.add(record.at, record.stream, record.time);
    }
    s.read_up_to = record.at;
    s.read_time = record.time;
    return s.open.size() < s.options.open_max && s.ledger.change_count() < changes_max;
  });
  s.cell->meters.batch_duration.add(watch.elapsed());
  if (!read && !has_read) stop(self, read.error(), read.error().place);  // the events before it are handed out first
}

}  // namespace

bool wants_more(const subscription_state& s) {
  if (!may_hand_out(s) || s.open.size() >= s.options.open_max || s.ledger.change_count() >= changes_max) return false;
  return std::any_of(s.waiting.begin(), s.waiting.end(), [&](const auto& to) { return has_room(s, to.member) && !s.open.has_for(to.member); });
}

position next_to_read(const subscription_state& s) {
  const auto next = s.ledger.settled().next_open(s.read_up_to + 1);
  return s.retried.empty() ? next : std::min(next, *s.retried.begin());
}

void deal(subscription_ptr self) {
  hand_out(self);
  if (!wants_more(self->state)) return;
  read_on(self);
  hand_out(self);
}

void on_want_events(subscription_ptr self, want_events& what) {
  auto& s = self->state;
  if (!s.members.contains(what.member)) return what.caller->answer(error{errc::closed, "this member has left"});
  if (s.stopped) return what.caller->answer(*s.stopped);
  if (std::any_of(s.waiting.begin(), s.waiting.end(), [&](const auto& one) { return one.member == what.member; }))
    return what.caller->answer(error{errc::misuse, "two threads wait in next() of the same member", s.cell->name});
  const auto patience = std::clamp<std::chrono::milliseconds>(what.time_out, std::chrono::milliseconds{0}, longest_wait);
  s.waiting.push_back({what.member, what.max, self->clock().now() + patience, std::move(what.caller)});
}

void on_alarm(subscription_ptr self) {
  auto& s = self->state;
  s.alarm_at.reset();
  const auto now = self->clock().now();
  while (!s.stopped) {
    const auto late = s.open.take_overdue(now);
    if (!late) break;
    s.cell->of_members.ack_time_outs.add();
    fail_attempt(self, *late, "not acknowledged in time");
  }
  hand_out(self);  // members whose time is over get what there is
  std::erase_if(s.waiting, [&](const auto& one) {
    if (one.until > now) return false;
    one.caller->answer();
    return true;
  });
}

}  // namespace annals::actors
