// The longest time-out. A wait without limit is cut to it, because adding a longer one to the time of a clock could overflow.
#pragma once

#include <chrono>

namespace annals::actors {

inline constexpr std::chrono::hours longest_wait{24 * 365};

}  // namespace annals::actors
