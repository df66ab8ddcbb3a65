// The command that tells what there is in a store: stats.
#pragma once

#include <filesystem>

namespace tools {

/// Prints and returns the exit status.
int show_stats(const std::filesystem::path& store, bool json);

}  // namespace tools
