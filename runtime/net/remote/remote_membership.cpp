#include "net/remote/remote_membership.hpp"

#include "net/wire/records.hpp"

#include <algorithm>
#include <utility>

namespace annals::net {
namespace {

/// The events of an answer; they share its bytes.
result<std::vector<delivered>> events_in(std::string answer) {
  const std::shared_ptr<char[]> bytes{new char[answer.size() + 1]};
  answer.copy(bytes.get(), answer.size());
  std::vector<delivered> found;
  const auto ok = read_batch({bytes.get(), answer.size()}, [&](const record_view& record, std::uint32_t attempt) {
    found.push_back({record, attempt, bytes});
    return true;
  });
  if (!ok) return ok.error();
  return found;
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
      asked.answered->complete(error{errc::closed, "this member has left"});
      return asked;
    }
  }
  ask_next(asked, max, steady::now() + std::clamp<std::chrono::milliseconds>(time_out, std::chrono::milliseconds{0}, std::chrono::hours{24}), true);
  return asked;
}

void remote_membership::ask_next(const wanted& asked, std::size_t max, steady::time_point until, bool may_join) {
  const auto left = std::max(std::chrono::ceil<std::chrono::milliseconds>(until - steady::now()), std::chrono::milliseconds{0});
  const auto now = std::min<std::chrono::milliseconds>(left, longest_next);
  to_->ask(call::next, next_call{member(), max, now.count()}, now)
      ->on_answer([self = shared_from_this(), asked, max, until, may_join, is_last = now == left](detail::outcome given) {
        const bool is_gone = !given && (given.error().code == errc::not_found || given.error().code == errc::unknown);
        if (is_gone && may_join) return self->join_again(asked, max, until);
        // The next life of a node that closes gets the call: caller::send_more().
        if (!given && self->is_closed_there(given.error()) && steady::now() < until) return self->ask_next(asked, max, until, true);
        if (!given) return asked.answered->complete(self->seen_from_here(std::move(given).error()));
        auto events = events_in(std::move(given->bytes));
        if (!events) return asked.answered->complete(std::move(events).error());
        if (events->empty() && !is_last) return self->ask_next(asked, max, until, true);
        *asked.batch = std::move(*events);
        asked.answered->complete(detail::answered{});
      });
}

/// The node has closed, not the handle: it may be started again.
bool remote_membership::is_closed_there(const error& why) const { return why.code == errc::closed && !to_->is_closed(); }

error remote_membership::seen_from_here(error why) const {
  if (is_closed_there(why)) return {errc::unreachable, "the other node is closed"};
  return why;
}

void remote_membership::join_again(const wanted& asked, std::size_t max, steady::time_point until) {
  auto again = joined_;
  again.reset = false;
  to_->ask(call::subscribe, again)->on_answer([self = shared_from_this(), asked, max, until](detail::outcome given) {
    if (!given) return asked.answered->complete(self->seen_from_here(std::move(given).error()));
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
      return asked.answered->complete(error{errc::closed, "this member has left"});
    }
    self->ask_next(asked, max, until, false);
  });
}

std::shared_ptr<detail::waiter> remote_membership::ack(std::vector<position> all) { return to_->ask(call::ack, ack_call{member(), std::move(all)}); }

std::shared_ptr<detail::waiter> remote_membership::nack(position at, std::string why) {
  return to_->ask(call::nack, nack_call{member(), at, std::move(why)});
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

void remote_membership::say_left(std::uint64_t member) { (void)to_->ask(call::leave, member_call{member}); }

void remote_membership::leave() {
  if (!is_ours()) return;
  {
    const std::lock_guard lock{mutex_};
    if (std::exchange(has_left_, true) || handling_ > 0) return;
  }
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
