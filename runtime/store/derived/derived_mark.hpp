// The mark of derived state: the record of the log up to which it is valid.
#pragma once

#include <annals/receipt.hpp>

#include <cstdint>

namespace annals::store {

/// Up to which position derived data is valid, and the checksum of the record there (0 at position 0).
struct derived_mark {
  position at = 0;
  std::uint64_t checksum = 0;
};

}  // namespace annals::store
