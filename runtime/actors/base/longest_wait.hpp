// How long anybody waits who is told to wait for ever: a time-out is added to the time of a clock, which ends somewhere.
#pragma once

#include <chrono>

namespace annals::actors {

inline constexpr std::chrono::hours longest_wait{24 * 365};

}  // namespace annals::actors
