// Runs for an index that own their data.
#pragma once

#include "store/derived/stream_index.hpp"

#include <string>
#include <vector>

struct kept_run {
  std::string stream;
  annals::version first = 1;
  std::vector<annals::position> positions;

  annals::store::stream_run view() const { return {stream, first, positions}; }
};

inline std::vector<annals::store::stream_run> runs_of(const std::vector<kept_run>& kept) {
  std::vector<annals::store::stream_run> runs;
  for (const auto& run : kept) runs.push_back(run.view());
  return runs;
}
