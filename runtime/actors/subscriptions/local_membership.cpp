#include "actors/subscriptions/local_membership.hpp"

#include "store/log/subscription_table.hpp"

#include <algorithm>
#include <utility>

namespace annals::detail {

using actors::subscription_call;

membership::wanted local_membership::next(std::size_t max, std::chrono::milliseconds time_out) {
  auto call = std::make_shared<subscription_call>(in_->host);
  call->batch = std::make_shared<std::vector<delivered>>();
  wanted asked{call->waiter, call->batch};
  const std::lock_guard lock{mutex_};
  if (has_left_) {  // also while an event is being handled
    call->answer(error{errc::closed, "this member has left"});
    return asked;
  }
  in_->send(actors::want_events{me_, std::max<std::size_t>(max, 1), time_out, std::move(call)});
  return asked;
}

std::shared_ptr<waiter> local_membership::ack(std::vector<position> all, std::uint64_t) {
  auto call = std::make_shared<subscription_call>(in_->host);
  auto answered = call->waiter;
  in_->send(actors::acknowledge{std::move(all), std::move(call)});
  return answered;
}

std::shared_ptr<waiter> local_membership::nack(position at, std::string why, std::uint64_t) {
  auto call = std::make_shared<subscription_call>(in_->host);
  auto answered = call->waiter;
  in_->send(actors::refuse{me_, at, std::move(why), std::move(call)});
  return answered;
}

std::shared_ptr<waiter> local_membership::resolve(position at, bool is_retry) {
  auto call = std::make_shared<subscription_call>(in_->host);
  auto answered = call->waiter;
  in_->send(actors::resolve{at, is_retry, std::move(call)});
  return answered;
}

result<std::vector<parked_event>> local_membership::parked() const {
  const std::lock_guard lock{in_->mutex};
  if (!in_->log) return error{errc::closed, "the runtime is closed"};
  std::vector<parked_event> found;
  auto ok = store::visit_parked(*in_->log, in_->name, [&](parked_event&& one) { found.push_back(std::move(one)); });
  if (!ok) return std::move(ok).error();
  return found;
}

void local_membership::leave() {
  if (!is_ours()) return;
  const std::lock_guard lock{mutex_};
  if (!std::exchange(has_left_, true) && handling_ == 0) in_->send(actors::leave_subscription{me_});
}

bool local_membership::may_handle() {
  if (!is_ours()) return false;
  const std::lock_guard lock{mutex_};
  if (!has_left_) ++handling_;
  return !has_left_;
}

void local_membership::done_handling() {
  if (!is_ours()) return;
  const std::lock_guard lock{mutex_};
  if (--handling_ == 0 && has_left_) in_->send(actors::leave_subscription{me_});
}

}  // namespace annals::detail
