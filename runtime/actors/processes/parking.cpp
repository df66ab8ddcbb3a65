#include "actors/processes/parking.hpp"

#include "actors/dead_letters/errors.hpp"

#include <annals/detail/tables.hpp>

namespace annals::actors {

bool parking::is_parkable(errc code) {
  return code == errc::decide_failed || code == errc::evolve_failed || code == errc::too_large || code == errc::invalid_stream;
}

parking::verdict parking::failed(const std::string& instance, position at, const error& why, timestamp now) {
  ++counted_.failed;
  if (by_hand_.erase(at) > 0) {
    parked_.count_attempt(at, why.message(), now);
    changed_.insert(at);
    tried_.push_back({at, why, instance});
    return {};
  }
  const auto blocking = blocking_event_of(instance);
  if (is_blocked(instance) && at > blocking) {
    attempts_.forget(at);
    return {{}, {}, true};
  }
  const auto failed = attempts_.failed(at);
  if (failed.after.next == after_failure::step::try_again) return {{}, failed.after.pause, false};
  if (failed.after.next == after_failure::step::stop) return {why, {}, false};
  if (parked_.full()) return {too_many_parked(parked_events::max, at), {}, false};
  if (blocking != 0) {  // the later blocking event now waits for this one
    by_hand_.erase(blocking);
    put({blocking, instance, detail::waits_for(at), 0, now});
  }
  put({at, instance, why.message(), failed.count, now});
  return {};
}

void parking::passed(position at) {
  attempts_.forget(at);
  by_hand_.erase(at);
  const auto* found = parked_.find(at);
  if (!found || found->attempts == 0) return;
  tried_.push_back({at, std::nullopt, found->stream});
  remove(at);
}

void parking::drop_skipped(position at) {
  by_hand_.erase(at);
  remove(at);
}

std::optional<error> parking::hold(const std::string& instance, position at, timestamp now) {
  if (parked_.contains(at)) return std::nullopt;
  if (parked_.full()) return too_many_parked(parked_events::max, at);
  put({at, instance, detail::waits_for(blocking_event_of(instance)), 0, now});
  return std::nullopt;
}

void parking::take_over(parked_event blocking) {
  if (is_blocked(blocking.stream)) return;
  by_hand_.insert(blocking.at);
  --counted_.parked;  // by an earlier runtime
  put(std::move(blocking));
}

bool parking::is_of_another(const std::string& instance, position at) const {
  const auto* found = by_hand_.contains(at) ? parked_.find(at) : nullptr;
  return found && found->stream != instance;
}

position parking::blocking_event_of(const std::string& instance) const {
  for (const auto at : parked_.of(instance))
    if (parked_.find(at)->attempts > 0) return at;
  return 0;
}

std::vector<position> parking::release(const std::string& instance) {
  const auto blocking = blocking_event_of(instance);
  by_hand_.erase(blocking);
  std::vector<position> waited;
  for (const auto at : std::set{parked_.of(instance)}) {
    if (at != blocking) waited.push_back(at);
    remove(at);
  }
  return waited;
}

void parking::bring_up_to_date(parked_events& copy) {
  for (const auto at : std::exchange(changed_, {}))
    if (const auto* one = parked_.find(at))
      copy.put(*one);
    else
      copy.remove(at);
}

void parking::put(parked_event one) {
  changed_.insert(one.at);
  counted_.parked += !parked_.contains(one.at);
  parked_.put(std::move(one));
}

void parking::remove(position at) {
  if (parked_.contains(at)) ++(skipped.contains(at) ? counted_.skipped : counted_.retried);
  changed_.insert(at);
  parked_.remove(at);
}

}  // namespace annals::actors
