// The command that tells whether a store is sound: verify.
#pragma once

#include <filesystem>

namespace tools {

/// Prints and returns the exit status. `replay`: also checks that replaying gives the same states.
int verify(const std::filesystem::path& store, bool replay, bool json);

}  // namespace tools
