// What an idle aggregate costs, and all of them together when most have left memory.
#pragma once

#include "benchmarks/run.hpp"

namespace bench {

void add_memory(CLI::App& app);

}  // namespace bench
