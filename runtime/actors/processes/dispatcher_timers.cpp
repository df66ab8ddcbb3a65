// Timers of process managers: set, cancelled, and fired when they are due.
#include "actors/processes/dispatcher.hpp"

#include <algorithm>

namespace annals::actors {

using namespace annals::detail;

void dispatcher::follow(const record_view& record, timer_set what) {
  const std::string instance{record.stream};
  (void)clock_.follow(env_->now(), env_->steady());
  const auto due = clock_.steady_at(what.due);
  due_.emplace(due, record.at);
  at_version_.emplace(std::pair{instance, record.version}, record.at);
  timers_.emplace(record.at, open_timer{instance, record.version, std::move(what), provenance{record}, due, std::nullopt});
}

void dispatcher::follow(const record_view& record, const timer_fired& what) {
  if (const auto found = at_version_.find({std::string{record.stream}, what.set}); found != at_version_.end())
    drop_timer(found->second);
}

void dispatcher::follow(const record_view& record, const timers_cancelled& what) {
  const std::string instance{record.stream};
  std::vector<position> cancelled;
  for (auto i = at_version_.lower_bound({instance, 0}); i != at_version_.end() && i->first.first == instance; ++i)
    if (const auto timer = timers_.find(i->second); timer != timers_.end() && timer->second.what.timer == what.timer)
      cancelled.push_back(i->second);
  for (const auto at : cancelled) drop_timer(at);
}

std::optional<timestamp> dispatcher::next_due() const {
  for (const auto& [due, at] : due_)
    if (const auto& timer = timers_.at(at); timer.number == 0 && !timer.due_head && parked_->lets_pass(timer.instance, at)) return due;
  return std::nullopt;
}

/// Timers do not wait for the answers of blocked instances, nor for those that come after another start only.
bool dispatcher::is_sending_again() const {
  if (again_ == 0 || (parked_->all().empty() && held_ == 0)) return again_ > 0;
  return std::any_of(sends_.begin(), sends_.end(), [&](const auto& one) {
    return one.second.again && !parked_->holds(one.second.instance) && !waits_for_host(one.second);
  });
}

/// Rule 4: a due timer waits until the router has passed the head of that moment, and until what was sent again
/// after a start has been answered; so it never overtakes an answer that was there before it.
void dispatcher::fire(caf::event_based_actor* self, timestamp now, position observed, position readable,
                      std::uint64_t& next_number) {
  std::vector<position> fires;
  const bool may_fire = !is_sending_again();
  for (auto i = due_.begin(); i != due_.end() && i->first <= now; ++i) {
    auto& timer = timers_.at(i->second);
    if (!timer.due_head) timer.due_head = readable;
    if (timer.number == 0 && parked_->lets_pass(timer.instance, i->second) && observed >= *timer.due_head && may_fire) fires.push_back(i->second);
  }
  for (const auto at : fires) fire_one(self, at, next_number);
}

void dispatcher::fire_one(caf::event_based_actor* self, position at, std::uint64_t& next_number) {
  auto& timer = timers_.at(at);
  firing_.erase(std::exchange(timer.number, 0));
  if (!parked_->lets_pass(timer.instance, at)) return;
  timer.number = next_number++;
  timer.since = self->clock().now();
  firing_.emplace(timer.number, at);
  send_to_instance(timer.instance, fire_timer::about.name,
                   encoded(fire_timer{timer.set, timer.what.timer, timer.what.body.bytes}), at, timer.from, timer.number);
}

void dispatcher::drop_timer(position at) {
  const auto found = timers_.find(at);
  if (found == timers_.end()) return;
  parked_->passed(at);
  auto& timer = found->second;
  firing_.erase(timer.number);
  due_.erase({timer.due, at});
  at_version_.erase({timer.instance, timer.set});
  timers_.erase(found);
}

}  // namespace annals::actors
