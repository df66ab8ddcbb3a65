// The memory of an idle aggregate, and of all of them when most have been passivated.
#pragma once

#include "benchmarks/run.hpp"

namespace bench {

struct memory_options {
  std::size_t aggregates = 100'000;
  std::size_t resident_max = 0;  // 0: all stay
};

/// What `annals-bench memory` prints.
figures memory_result(const run_options& run, const memory_options& with);

}  // namespace bench
