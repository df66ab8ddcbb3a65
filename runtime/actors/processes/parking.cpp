#include "actors/processes/parking.hpp"

#include "actors/follow/failure.hpp"

namespace annals::actors {
namespace {

std::string behind(position at) { return "behind position " + std::to_string(at); }

}  // namespace

bool parking::is_parkable(errc code) {
  return code == errc::decide_failed || code == errc::evolve_failed || code == errc::too_large || code == errc::invalid_stream;
}

parking::verdict parking::failed(const std::string& instance, position at, const error& why, timestamp now) {
  const bool by_hand = by_hand_.erase(at) > 0;
  if (by_hand) {
    auto again = *parked_.find(at);
    ++again.attempts;
    again.error = why.message();
    again.time = now;
    parked_.put(std::move(again));
    tried_.push_back({at, why, instance});
    return {};
  }
  const auto cause = cause_of(instance);
  if (holds(instance) && at > cause) {
    attempts_.erase(at);
    return {{}, {}, true};
  }
  const auto attempts = ++attempts_[at];
  if (attempts < policy_.attempts) return {{}, pause_behind(policy_, attempts), false};
  attempts_.erase(at);
  if (policy_.then == on_failure::stop) return {why, {}, false};
  if (parked_.full()) return {too_many_parked(at), {}, false};
  if (cause != 0) {  // the later blocking event now waits for this one
    by_hand_.erase(cause);
    parked_.put({cause, instance, behind(at), 0, now});
  }
  parked_.put({at, instance, why.message(), attempts, now});
  return {};
}

void parking::passed(position at) {
  attempts_.erase(at);
  by_hand_.erase(at);
  const auto* found = parked_.find(at);
  if (!found || found->attempts == 0) return;
  tried_.push_back({at, std::nullopt, found->stream});
  parked_.remove(at);
}

void parking::leave_out(position at) {
  by_hand_.erase(at);
  parked_.remove(at);
}

bool parking::lets_pass(const std::string& instance, position at) const { return !holds(instance) || by_hand_.contains(at); }

std::optional<error> parking::hold(const std::string& instance, position at, timestamp now) {
  if (parked_.find(at)) return std::nullopt;
  if (parked_.full()) return too_many_parked(at);
  parked_.put({at, instance, behind(cause_of(instance)), 0, now});
  return std::nullopt;
}

void parking::take_over(parked_event cause) {
  if (holds(cause.stream)) return;
  by_hand_.insert(cause.at);
  parked_.put(std::move(cause));
}

bool parking::is_of_another(const std::string& instance, position at) const {
  const auto* found = by_hand_.contains(at) ? parked_.find(at) : nullptr;
  return found && found->stream != instance;
}

position parking::cause_of(const std::string& instance) const {
  for (const auto at : parked_.of(instance))
    if (parked_.find(at)->attempts > 0) return at;
  return 0;
}

std::vector<position> parking::release(const std::string& instance) {
  const auto cause = cause_of(instance);
  by_hand_.erase(cause);
  std::vector<position> waited;
  for (const auto at : parked_.of(instance)) {
    if (at != cause) waited.push_back(at);
    parked_.remove(at);
  }
  return waited;
}

}  // namespace annals::actors
