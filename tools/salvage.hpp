// `annals salvage`: a new store out of what is sound in a damaged one.
#pragma once

#include <filesystem>
#include <string>

namespace tools {

/// `set_aside`: a new file for the records that the new store cannot have, JSON, one a line; empty: they are counted only.
int salvage(const std::filesystem::path& store, const std::filesystem::path& target, const std::string& set_aside, bool json);

}  // namespace tools
