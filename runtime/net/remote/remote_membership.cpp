#include "net/remote/remote_membership.hpp"

#include "net/wire/records.hpp"

#include <algorithm>
#include <utility>

namespace annals::net {
namespace {

/// The events of an answer; they share its bytes.
result<std::vector<delivered>> events_in(std::string answer, std::uint64_t life) {
  const std::shared_ptr<char[]> bytes{new char[answer.size() + 1]};
  answer.copy(bytes.get(), answer.size());
  std::vector<delivered> found;
  const auto ok = read_batch({bytes.get(), answer.size()}, [&](const record_view& record, std::uint32_t attempt) {
    found.push_back({record, attempt, bytes, life});
    return true;
  });
  if (!ok) return ok.error();
  return found;
}

constexpr int joins_max = 8;  // within one call of next()

error has_left_here() { return {errc::closed, "this member has left"}; }

std::shared_ptr<detail::waiter> is_of_an_earlier_life() {
  return detail::answered_with(
      error{errc::not_found, "the event was handed out in an earlier life of the other node", "it comes again unless it is settled"});
}

}  // namespace

remote_membership::~remote_membership() {
  leave();
  let_go(std::move(to_));  // a copy that stays could be the last one, in a thread of the handle
}

std::uint64_t remote_membership::member() const {
  const std::lock_guard lock{mutex_};
  return member_;
}

detail::membership::wanted remote_membership::next(std::size_t max, std::chrono::milliseconds time_out) {
  wanted asked{detail::make_waiter(), std::make_shared<std::vector<delivered>>()};
  {
    const std::lock_guard lock{mutex_};
    if (has_left_) {
      asked.answered->complete(has_left_here());
      return asked;
    }
    waiting_ = asked.answered;
  }
  const auto waits = std::clamp<std::chrono::milliseconds>(time_out, std::chrono::milliseconds{0}, std::chrono::hours{24});
  ask_next(asked, max, steady::now() + waits, joins_max);
  return asked;
}

void remote_membership::ask_next(const wanted& asked, std::size_t max, steady::time_point until, int joins) {
  const auto left = std::max(std::chrono::ceil<std::chrono::milliseconds>(until - steady::now()), std::chrono::milliseconds{0});
  const auto now = std::min<std::chrono::milliseconds>(left, longest_next);
  for (const auto one : take_leaving()) say_left(one);
  const auto by = member();
  to_->ask(call::next, next_call{by, max, now.count()}, now)
      ->on_answer([self = shared_from_this(), asked, max, until, joins, by, is_last = now == left](detail::outcome given) {
        if (!given) return self->ask_again(asked, max, until, joins, by, std::move(given).error());
        auto events = events_in(std::move(given->bytes), life_of_member(by));
        if (!events) return asked.answered->complete(std::move(events).error());
        if (events->empty() && !is_last) return self->ask_next(asked, max, until, joins);
        *asked.batch = std::move(*events);
        asked.answered->complete(detail::answered{});
      });
}

/// A node that is away is waited for while there is time, whether it was killed or has closed: caller::send_more() keeps the call for its next
/// life, where the member has to join again.
void remote_membership::ask_again(const wanted& asked, std::size_t max, steady::time_point until, int joins, std::uint64_t by, error why) {
  if (has_left()) return asked.answered->complete(has_left_here());
  const bool is_nobody_there = why.code == errc::not_found || why.code == errc::unknown;
  if (is_nobody_there && joins > 0) return join_again(asked, max, until, joins - 1);
  // It may have handed out events in an answer that nobody waits for any more: others get them, or this one when it joins again.
  if (why.code == errc::timed_out && by != 0) say_left(by);
  const bool is_away = is_closed_there(why) || why.code == errc::unreachable || why.code == errc::timed_out;
  if (is_away && steady::now() < until) return ask_next(asked, max, until, joins);
  if (is_away) why = {errc::unreachable, "the other node is away", why.message()};
  asked.answered->complete(std::move(why));
}

bool remote_membership::has_left() const {
  const std::lock_guard lock{mutex_};
  return has_left_;
}

/// The node has closed, not the handle: it may be started again.
bool remote_membership::is_closed_there(const error& why) const { return why.code == errc::closed && !to_->is_closed(); }

void remote_membership::join_again(const wanted& asked, std::size_t max, steady::time_point until, int joins) {
  auto again = joined_;
  again.reset = false;
  to_->ask(call::subscribe, again)->on_answer([self = shared_from_this(), asked, max, until, joins](detail::outcome given) {
    if (!given) return self->ask_again(asked, max, until, joins, 0, std::move(given).error());
    const auto made = decoded<member_call>(given->bytes);
    if (!made) return asked.answered->complete(made.error());
    bool has_left;
    {
      const std::lock_guard lock{self->mutex_};
      self->member_ = made->member;
      has_left = self->has_left_;
    }
    if (has_left) {
      self->say_left(made->member);
      return asked.answered->complete(has_left_here());
    }
    self->ask_next(asked, max, until, joins);
  });
}

std::optional<std::uint64_t> remote_membership::member_of(std::uint64_t life) const {
  const auto now = member();
  return life == 0 || life == life_of_member(now) ? std::optional{now} : std::nullopt;
}

std::shared_ptr<detail::waiter> remote_membership::ack(std::vector<position> all, std::uint64_t life) {
  const auto by = member_of(life);
  return by ? to_->ask(call::ack, ack_call{*by, std::move(all)}) : is_of_an_earlier_life();
}

std::shared_ptr<detail::waiter> remote_membership::nack(position at, std::string why, std::uint64_t life) {
  const auto by = member_of(life);
  return by ? to_->ask(call::nack, nack_call{*by, at, std::move(why)}) : is_of_an_earlier_life();
}

std::shared_ptr<detail::waiter> remote_membership::resolve(position at, bool is_retry) {
  return to_->ask(call::resolve, resolve_call{member(), at, is_retry});
}

result<std::vector<parked_event>> remote_membership::parked() const {
  auto bytes = to_->answer_to(call::member_parked, member_call{member()});
  if (!bytes) return std::move(bytes).error();
  auto all = decoded<parked_answer>(*bytes);
  if (!all) return std::move(all).error();
  return std::move(all->events);
}

/// If it does not reach the node, it is repeated with the next call of next().
void remote_membership::say_left(std::uint64_t member) {
  to_->ask(call::leave, member_call{member})->on_answer([self = weak_from_this(), member](const detail::outcome& given) {
    const bool is_heard = given || given.error().code == errc::not_found || given.error().code == errc::unknown;
    const auto alive = is_heard ? nullptr : self.lock();
    if (!alive) return;
    const std::lock_guard lock{alive->mutex_};
    alive->leaving_.push_back(member);
  });
}

std::vector<std::uint64_t> remote_membership::take_leaving() {
  const std::lock_guard lock{mutex_};
  return std::exchange(leaving_, {});
}

void remote_membership::leave() {
  if (!is_ours()) return;
  std::shared_ptr<detail::waiter> waiting;
  {
    const std::lock_guard lock{mutex_};
    if (std::exchange(has_left_, true) || handling_ > 0) return;
    waiting = waiting_.lock();
  }
  if (waiting) waiting->complete(has_left_here());  // the node may be away, and its answer far
  say_left(member());
}

bool remote_membership::may_handle() {
  if (!is_ours()) return false;
  const std::lock_guard lock{mutex_};
  if (!has_left_) ++handling_;
  return !has_left_;
}

void remote_membership::done_handling() {
  if (!is_ours()) return;
  {
    const std::lock_guard lock{mutex_};
    if (--handling_ > 0 || !has_left_) return;
  }
  say_left(member());
}

}  // namespace annals::net
