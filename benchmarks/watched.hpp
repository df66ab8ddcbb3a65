// What it costs to be watched: deposits with and without a scrape, and with and without traces that no collector takes.
#pragma once

#include "benchmarks/in_turn.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace bench {

/// The rows of watched_result().
std::vector<std::string> watched_rows();

struct watched_options {
  std::vector<std::string> rows = watched_rows();
  in_turn_options turns;
  std::size_t aggregates = 1'000;
  double warm_up_seconds = 1;
  std::uint64_t seed = 1;
  std::uint64_t scrape_ms = 100;       // between two scrapes, where there are any
  std::uint64_t trace_one_in = 1'000;  // commands, where there are any
};

/// What `annals-bench watched` prints.
figures watched_result(const run_options& run, const watched_options& with);

}  // namespace bench
