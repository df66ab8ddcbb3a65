// Subscriptions of hosts: one actor for each name, the members that join it, and how they end.
#include "actors/base/watched.hpp"
#include "actors/host/engine.hpp"
#include "actors/subscriptions/subscription.hpp"

namespace annals::detail {

result<engine::joining> engine::subscribe(std::string_view name, subscription_options with) {
  if (!may_wait()) return must_not_wait("subscribe()");
  if (auto ok = check(name, with); !ok) return std::move(ok).error();
  if (auto no = only_at_the_owner("a subscription with acknowledgements")) return std::move(*no);
  if (!begun_) return error{errc::misuse, "subscribe() was called before start()", std::string{name}};
  if (auto ok = check_filter(with); !ok) return std::move(ok).error();
  const std::lock_guard lock{joining_mutex_};
  if (auto refusal = gateway_->refusal()) return std::move(*refusal);
  if (takes_no_members_) return error{errc::closed, "the runtime is closed"};
  auto cell = find_subscription(name);
  if (!cell) {
    cell = std::make_shared<actors::subscription_cell>(std::string{name}, env_.host);
    cell->log = env_.log;
    at_home([&] {
      cell->actor = actors::spawn_watched(home_->system(), env_, actors::subscription_actor, std::cref(env_), std::cref(follow_), cell);
      subscribed_.push_back(cell->actor);
    });
    const std::lock_guard of_list{subscriptions_mutex_};
    subscriptions_.emplace(std::string{name}, cell);
  }
  // Asked when it is in the list: stop() refuses first, then tells those in the list. Otherwise a member could wait for ever.
  if (auto refusal = gateway_->refusal()) return std::move(*refusal);
  const auto me = ++last_member_;
  auto call = std::make_shared<actors::subscription_call>(env_.host);
  joining made{std::make_shared<local_membership>(cell, me), call->waiter};
  cell->send(actors::join_subscription{me, std::move(with), env_.log->durable(), std::move(call)});
  return made;
}

std::shared_ptr<actors::subscription_cell> engine::find_subscription(std::string_view name) const {
  const std::lock_guard lock{subscriptions_mutex_};
  const auto found = subscriptions_.find(name);
  return found == subscriptions_.end() ? nullptr : found->second;
}

std::vector<std::shared_ptr<actors::subscription_cell>> engine::subscriptions() const {
  const std::lock_guard lock{subscriptions_mutex_};
  std::vector<std::shared_ptr<actors::subscription_cell>> all;
  for (const auto& [name, cell] : subscriptions_) all.push_back(cell);
  return all;
}

/// Tells the subscriptions to answer all waiting callers and lets no new member join. Decisions made so far are on their way to the
/// drainer, which writes them before it ends.
void engine::close_subscriptions() {
  {
    const std::lock_guard lock{joining_mutex_};
    takes_no_members_ = true;  // so neither the list nor `subscribed_` changes from here on
  }
  for (const auto& cell : subscriptions()) {
    const std::lock_guard of_cell{cell->mutex};
    if (cell->actor) caf::anon_send(cell->actor, actors::stop_now::value);
    cell->actor = nullptr;
    cell->log = nullptr;
  }
  if (parts_.simulated) return run_simulated();
  // A subscription answers a request after `stop_now` with `closed`; that answer shows that it has handled `stop_now`.
  std::vector<std::shared_ptr<waiter>> waiters;
  for (const auto& actor : subscribed_) {
    auto call = std::make_shared<actors::subscription_call>(env_.host);
    waiters.push_back(call->waiter);
    caf::anon_send(actor, actors::acknowledge{{}, std::move(call)});
  }
  const auto until = half_of_what_is_left();
  for (const auto& one : waiters) (void)one->await_for(until - steady::now());
}

}  // namespace annals::detail
