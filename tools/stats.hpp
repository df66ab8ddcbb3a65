// The command that prints what a store contains: stats.
#pragma once

#include <filesystem>

namespace tools {

/// Prints and returns the exit status.
int show_stats(const std::filesystem::path& store, bool json);

}  // namespace tools
