// The commands that look at a store: log, streams, stream, backup. Some also look at a node that serves one.
#pragma once

#include "tools/where.hpp"

#include <annals/receipt.hpp>

#include <cstdint>
#include <filesystem>
#include <string>

namespace tools {

struct log_options {
  annals::position from = 1;
  std::uint64_t limit = ~std::uint64_t{0};
  std::string type;
};

/// Each prints and returns the exit status.
int show_log(const where& place, const log_options& what, bool json);
int show_streams(const std::filesystem::path& store, const std::string& prefix, bool json);
int show_stream(const where& place, const std::string& id, bool json);
int backup(const std::filesystem::path& store, const std::filesystem::path& target, bool json);

}  // namespace tools
