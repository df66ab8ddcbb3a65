// Loading aggregates whose streams are scattered over a long log.
#pragma once

#include "benchmarks/history.hpp"
#include "benchmarks/run.hpp"

namespace bench {

struct rehydrate_options {
  history_options history{.long_streams = 50};
  std::size_t rounds = 20;
};

/// What `annals-bench rehydrate` prints.
figures rehydrate_result(const run_options& run, const rehydrate_options& with);

}  // namespace bench
