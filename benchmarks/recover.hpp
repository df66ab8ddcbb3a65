// The time from opening a store with a long log to the first answer.
#pragma once

#include "benchmarks/history.hpp"
#include "benchmarks/run.hpp"

#include <vector>

namespace bench {

struct recover_options {
  std::vector<std::uint64_t> events{500'000, 5'000'000};
  history_options history;  // without the number of events
};

/// What `annals-bench recover` prints.
figures recover_result(const run_options& run, const recover_options& with);

}  // namespace bench
