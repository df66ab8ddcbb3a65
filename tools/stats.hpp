// The command that prints what a store contains: stats.
#pragma once

#include "tools/where.hpp"

#include <chrono>

namespace tools {

/// Prints and returns the exit status.
int show_stats(const where& place, bool json);

/// Prints figures and how fast they change, again and again, until SIGINT or SIGTERM: on a terminal in place, elsewhere a line each time.
int watch_stats(const where& place, std::chrono::milliseconds pause, bool json);

}  // namespace tools
