// Orders through the whole fulfilment process: inventory, payment, confirmation, shipping.
#pragma once

#include "benchmarks/run.hpp"

namespace bench {

struct shop_options {
  std::size_t orders = 20'000;
  std::size_t in_flight = 500;  // orders that are neither shipped nor cancelled
  std::size_t skus = 1'000;
  std::size_t lines = 3;
  std::uint64_t seed = 1;
};

figures measure_shop(const std::filesystem::path& directory, const shop_options& with);

/// What `annals-bench shop` prints.
figures shop_result(const run_options& run, const shop_options& with);

}  // namespace bench
