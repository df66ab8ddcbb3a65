// The command that prints what a store contains: stats.
#pragma once

#include "tools/source.hpp"

namespace tools {

/// Prints and returns the exit status.
int show_stats(const where& place, bool json);

}  // namespace tools
