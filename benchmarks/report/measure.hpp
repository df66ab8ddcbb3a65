// The default measurements of a report: a grid of all benchmarks.
#pragma once

#include "benchmarks/run.hpp"

#include <vector>

namespace bench::report {

struct measure_options {
  run_options run;
  std::vector<std::size_t> in_flight{1, 8, 64, 256, 1'024, 8'192};
  std::vector<std::size_t> aggregates{1, 1'000, 100'000};
  double seconds = 3;  // of each run
  std::size_t runs = 1;
  std::size_t orders = 20'000;
};

/// Saves each result as a file in `results`, with its parameters in the file's name. Replaces a file of the same name.
/// Ends the process with a message if something fails.
void measure_all(const std::filesystem::path& results, const measure_options& with);

}  // namespace bench::report
