// Shared by everything that parks events: the pause before the next attempt, and errors.
#pragma once

#include <annals/parked.hpp>
#include <annals/receipt.hpp>
#include <annals/result.hpp>

#include <chrono>
#include <cstdint>

namespace annals::actors {

/// The pause after this many failed attempts; `attempts` is at least 1.
std::chrono::milliseconds pause_behind(const failure_policy& policy, std::uint32_t attempts);
error too_many_parked(position at);
error nothing_parked(position at);

}  // namespace annals::actors
