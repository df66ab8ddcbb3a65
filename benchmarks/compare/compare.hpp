// The same work done by annals and by the alternatives.
#pragma once

#include "benchmarks/compare/drive.hpp"
#include "benchmarks/run.hpp"

#include <string>
#include <vector>

namespace bench {

struct compare_options {
  run_options run;
  compare::work work;  // its in_flight is each of these in turn
  std::vector<std::size_t> in_flight{1, 64, 1'024};
  std::size_t runs = 1;
  std::vector<std::string> engines;  // empty: all
};

/// The names of all engines that can be compared.
std::vector<std::string> engine_names();

/// What the command prints. Throws if an engine fails.
figures compare_result(const compare_options& with);

}  // namespace bench
