// The open work of a process manager, as its images have it: the bytes name positions only, and what the records say is read from the log.
#pragma once

#include <annals/describe.hpp>
#include <annals/receipt.hpp>

#include <cstdint>
#include <vector>

namespace annals::store {

/// In position order.
struct open_inputs {
  static constexpr std::uint64_t shape = 1;  ///< of the image

  std::vector<position> observations;  // under way, or parked
  std::vector<position> own;           // commands without an answer, and set timers
  static constexpr auto about = annals::describe<&open_inputs::observations, &open_inputs::own>("open_inputs", 1);
};

}  // namespace annals::store
