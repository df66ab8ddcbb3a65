// What something costs that can be switched on and off: the same load runs on, and it is on in half of the slices.
#pragma once

#include "benchmarks/load.hpp"
#include "benchmarks/run.hpp"

#include <functional>

namespace bench {

/// The slices of one block are off, on, on, off: a machine that gets steadily slower, or faster, then cancels out.
inline constexpr std::size_t slices_of_a_block = 4;

struct in_turn_options {
  std::size_t in_flight = 8'192;
  std::size_t blocks = 100;
  double slice_seconds = 0.1;
};

/// Calls `turn(true)` and `turn(false)` in a thread of its own at the borders of slices while `work` runs as a closed loop. The figures:
/// `off_per_second` and `on_per_second`, medians of the slices; `ratio`, on over off: the mean over the blocks, without the lowest and the highest
/// tenth of them; `ratio_error`, twice the standard error of that; `cpu_us`, the processor time of a command, and its ratio likewise. Stalls of the
/// disk and of the machine move the first ratio, and hardly the second.
figures measure_in_turn(load& work, const in_turn_options& with, const std::function<void(bool)>& turn);

}  // namespace bench
