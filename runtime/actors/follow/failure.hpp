// What follows when an event cannot be handled: how long to wait for the next attempt, and the errors that all who park share.
#pragma once

#include <annals/parked.hpp>
#include <annals/receipt.hpp>
#include <annals/result.hpp>

#include <chrono>
#include <cstdint>

namespace annals::actors {

/// Before the attempt that follows so many.
std::chrono::milliseconds pause_behind(const failure_policy& policy, std::uint32_t attempts);
error too_many_parked(position at);
error nothing_parked(position at);

}  // namespace annals::actors
