// An intake of annals::kafka beside a loop that does the same by hand; and what a bare consumer, and deposits without Kafka, reach alone.
#pragma once

#include "benchmarks/run.hpp"

#include <cstdint>
#include <vector>

namespace bench {

struct intake_bench_options {
  std::uint64_t messages = 300'000;
  std::size_t aggregates = 10'000;
  int partitions = 16;
  std::vector<std::size_t> in_flight{1'024, 8'192};
  std::size_t runs = 3;
  std::uint64_t seed = 1;
};

/// What `annals-bench intake` prints.
figures intake_result(const run_options& run, const intake_bench_options& with);

}  // namespace bench
