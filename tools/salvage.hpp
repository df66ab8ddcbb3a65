// `annals salvage`: makes a new store from the sound records of a damaged one.
#pragma once

#include <filesystem>
#include <string>

namespace tools {

/// `set_aside`: a new file for the records that the new store cannot have, one JSON object a line; empty: they are only counted.
int salvage(const std::filesystem::path& store, const std::filesystem::path& target, const std::string& set_aside, bool json);

}  // namespace tools
