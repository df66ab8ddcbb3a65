// A copy of another node's store that is kept up to date, and what makes it a store of its own.
#pragma once

#include "tools/where.hpp"

#include <annals/options.hpp>

#include <filesystem>

namespace tools {

struct replica_options {
  std::filesystem::path store;
  where from;  // the source
  bool json = false;
  annals::options runtime;
};

/// Opens or creates the copy, and follows its source until SIGTERM or SIGINT. Prints a line when it has come as far as the source was at the
/// start, and one whenever it cannot follow, or can again. Returns the exit status: 0 after an orderly end, 1 when it can follow no more.
int run_replica(const replica_options& with);

/// Makes a copy a store that takes commands. Prints its new history. Returns the exit status.
int promote(const std::filesystem::path& store, bool json);

}  // namespace tools
