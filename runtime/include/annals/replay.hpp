/// The replay gate: `annals verify --replay`, runtime::verify_replay().
#pragma once

#include <cstdint>

namespace annals {

/// What was replayed and found the same.
struct replayed {
  std::uint64_t streams = 0;
  std::uint64_t events = 0;      ///< in them
  std::uint64_t snapshots = 0;   ///< from which it was replayed, too
  std::uint64_t left_out = 0;    ///< streams whose type is not hosted, or whose state is not described
};

}  // namespace annals
