// Queries by message and by direct read, alone and while the projector applies events.
#pragma once

#include "benchmarks/run.hpp"

#include <cstdint>
#include <vector>

namespace bench {

struct query_options {
  std::size_t aggregates = 1'000;
  std::size_t in_flight = 64;
  std::vector<std::size_t> threads{1, 2};
  double rate = 200'000;  // events/s for the projector to apply at the same time
  double seconds = 2;
  std::uint64_t seed = 1;
};

/// What `annals-bench query` prints.
figures query_result(const run_options& run, const query_options& with);

}  // namespace bench
