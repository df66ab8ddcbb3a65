#include "actors/dead_letters/attempts.hpp"

#include <algorithm>

namespace annals::actors {

after_failure next_step(const failure_policy& policy, std::uint32_t attempts) {
  constexpr std::chrono::milliseconds pause_max{10'000};
  if (attempts >= policy.attempts) return {policy.then == on_failure::stop ? after_failure::step::stop : after_failure::step::park};
  const auto doublings = std::min(attempts - 1, 16u);
  return {after_failure::step::try_again, std::min(policy.first_pause * (1 << doublings), pause_max)};
}

attempts::failed_attempt attempts::failed(position at) {
  auto& count = counts_[at];
  ++count;
  if (spent_.erase(at) > 0) count = std::max(count, policy_.attempts);
  const failed_attempt now{count, next_step(policy_, count)};
  if (now.after.next != after_failure::step::try_again) forget(at);
  return now;
}

}  // namespace annals::actors
