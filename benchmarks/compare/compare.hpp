// The same work through annals and through what one would take instead.
#pragma once

#include "benchmarks/run.hpp"

namespace bench {

void add_compare(CLI::App& app);

}  // namespace bench
