#include "actors/follow/failure.hpp"

#include "actors/follow/parked_events.hpp"

#include <algorithm>
#include <string>

namespace annals::actors {
namespace {

constexpr std::chrono::milliseconds pause_max{10'000};

}  // namespace

std::chrono::milliseconds pause_behind(const failure_policy& policy, std::uint32_t attempts) {
  const auto doublings = std::min(attempts - 1, 16u);
  return std::min(policy.first_pause * (1 << doublings), pause_max);
}

error too_many_parked(position at) {
  return {errc::projection_failed, "too many events are parked",
          std::to_string(parked_events::max) + " before position " + std::to_string(at), 0, at};
}

error nothing_parked(position at) { return {errc::not_found, "nothing is parked there", "position " + std::to_string(at), 0, at}; }

}  // namespace annals::actors
