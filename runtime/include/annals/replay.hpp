/// The result of the replay check: `annals verify --replay`, runtime::verify_replay().
#pragma once

#include <cstdint>

namespace annals {

/// What was replayed with equal results.
struct replayed {
  std::uint64_t streams = 0;
  std::uint64_t events = 0;     ///< in these streams
  std::uint64_t snapshots = 0;  ///< snapshots from which a replay also started
  std::uint64_t left_out = 0;   ///< streams whose type is not hosted, or whose state is not described
};

}  // namespace annals
