// Combines several runs into one result: the median of each figure.
#pragma once

#include "benchmarks/run.hpp"

#include <algorithm>
#include <functional>
#include <vector>

namespace bench {

/// Calls `measure` this many times. `runs` in the result lists each run's value of the figure `spread_of`.
inline figures medians(std::size_t runs, const std::string& spread_of, const std::function<figures()>& measure) {
  std::vector<figures> all;
  for (std::size_t i = 0; i < runs; ++i) all.push_back(measure());
  auto median = all.front();
  for (auto& [key, value] : median.items()) {
    if (!value.is_number()) continue;
    std::vector<figures> seen;
    for (const auto& one : all) seen.push_back(one.at(key));
    std::sort(seen.begin(), seen.end());
    value = seen[seen.size() / 2];
  }
  if (runs > 1) median.erase("slices");
  median["runs"] = figures::array();
  for (const auto& one : all) median["runs"].push_back(one.at(spread_of));
  return median;
}

}  // namespace bench
