// Subscriptions of hosts: checks, one actor for each name, and how they end.
#include "actors/base/watched.hpp"
#include "actors/host/engine.hpp"
#include "actors/subscriptions/subscription.hpp"
#include "store/read/scan.hpp"

#include <algorithm>

namespace annals::detail {
namespace {

constexpr std::size_t name_bytes_max = 64;

result<void> check_subscription(std::string_view name, const subscription_options& with) {
  const auto wrong = [](std::string_view option, std::string_view why) -> result<void> {
    return error{errc::bad_option, std::string{option}, std::string{why}};
  };
  const auto is_bad = [](unsigned char c) { return c < 0x20 || c == 0x7f || c == '/'; };
  if (name.empty() || name.size() > name_bytes_max || std::any_of(name.begin(), name.end(), is_bad))
    return wrong("the name of a subscription", "1 to 64 bytes, without '/' and control characters: " + std::string{name});
  if (with.in_flight_max < 1 || with.in_flight_max > 65'536) return wrong("in_flight_max", "1 to 65,536");
  if (with.open_max < with.in_flight_max || with.open_max > 1'048'576) return wrong("open_max", "in_flight_max to 1,048,576");
  if (with.failure.attempts < 1) return wrong("failure.attempts", "at least 1");
  if (with.parked_max < 1 || with.parked_max > 1'048'576) return wrong("parked_max", "1 to 1,048,576");
  constexpr std::chrono::hours longest{24 * 365};
  if (with.ack_time_out.count() < 1 || with.ack_time_out > longest) return wrong("ack_time_out", "1 ms to a year");
  if (with.failure.first_pause.count() < 0 || with.failure.first_pause > longest) return wrong("failure.first_pause", "0 to a year");
  return {};
}

bool is_one_of(const std::vector<std::string>& list, std::string_view name) { return std::find(list.begin(), list.end(), name) != list.end(); }

}  // namespace

result<void> engine::check_filter(const subscription_options& with) const {
  for (const auto& category : with.categories) {
    if (find(category)) continue;
    bool is_there = false;
    const auto ok = store::scan_streams(*env_.log, env_.derived, category + "-", [&](std::string_view, version) { return is_there = true, false; });
    if (ok && !is_there) return error{errc::bad_option, "categories", "\"" + category + "\" is neither hosted nor in the store"};
  }
  const auto is_event = [&](std::string_view type) {
    return std::any_of(aggregates_.begin(), aggregates_.end(), [&](const aggregate_table& one) {
      return (with.categories.empty() || is_one_of(with.categories, one.category)) && one.event(type, 1);
    });
  };
  const auto unknown = std::find_if_not(with.types.begin(), with.types.end(), is_event);
  if (unknown == with.types.end()) return {};
  // The type may belong to an aggregate that is not hosted.
  bool is_hosted = std::all_of(with.categories.begin(), with.categories.end(), [&](const auto& category) { return find(category); });
  if (with.categories.empty()) {
    const auto ok = store::scan_streams(*env_.log, env_.derived, {}, [&](std::string_view stream, version) {
      return is_hosted = find(stream.substr(0, stream.find('-'))) != nullptr;
    });
    is_hosted = is_hosted && ok;  // if the streams cannot be read, it is unknown
  }
  if (!is_hosted) return {};
  return error{errc::bad_option, "types", "no event of " + std::string{with.categories.empty() ? "what is hosted" : "these categories"} +
                                              " is named \"" + *unknown + "\""};
}

result<engine::joining> engine::subscribe(std::string_view name, subscription_options with) {
  if (auto ok = check_subscription(name, with); !ok) return std::move(ok).error();
  if (!begun_) return error{errc::misuse, "subscribe before start()", std::string{name}};
  if (auto ok = check_filter(with); !ok) return std::move(ok).error();
  const std::lock_guard lock{subscriptions_mutex_};
  if (auto refusal = gateway_->refusal()) return std::move(*refusal);  // a member that joined now would not be told that the runtime stopped
  if (takes_no_members_) return error{errc::closed, "the runtime is closed"};
  auto found = subscriptions_.find(name);
  if (found == subscriptions_.end()) {
    auto cell = std::make_shared<actors::subscription_cell>(std::string{name}, env_.host);
    cell->log = env_.log;
    at_home([&] {
      cell->actor = actors::spawn_watched(home_->system(), env_, actors::subscription_actor, std::cref(env_), std::cref(follow_), cell);
      subscribed_.push_back(cell->actor);
    });
    found = subscriptions_.emplace(std::string{name}, std::move(cell)).first;
  }
  const auto me = ++last_member_;
  auto call = std::make_shared<actors::subscription_call>(env_.host);
  joining made{std::make_shared<membership>(found->second, me), call->who};
  found->second->send(actors::join_subscription{me, std::move(with), env_.log->durable(), std::move(call)});
  return made;
}

/// Tells the subscriptions to answer all waiting callers and lets no new member join. Decisions made so far are on their way to the
/// drainer, which writes them before it ends.
void engine::close_subscriptions() {
  std::unique_lock lock{subscriptions_mutex_};
  takes_no_members_ = true;  // so `subscribed_` does not change from here on
  for (auto& [name, cell] : subscriptions_) {
    const std::lock_guard of_cell{cell->mutex};
    if (cell->actor) caf::anon_send(cell->actor, actors::stop_now::value);
    cell->actor = nullptr;
    cell->log = nullptr;
  }
  lock.unlock();
  if (parts_.simulated) return run_simulated();
  // A subscription answers a request after `stop_now` with `closed`; that answer shows that it has handled `stop_now`.
  std::vector<std::shared_ptr<waiter>> told;
  for (const auto& actor : subscribed_) {
    auto call = std::make_shared<actors::subscription_call>(env_.host);
    told.push_back(call->who);
    caf::anon_send(actor, actors::acknowledge{{}, std::move(call)});
  }
  const auto until = half_of_what_is_left();
  for (const auto& one : told) (void)one->await_for(until - steady::now());
}

}  // namespace annals::detail
