// The machine on which the figures were taken.
#pragma once

#include "benchmarks/run.hpp"

namespace bench {

/// Processor, cores that this process may use, memory, kernel, file system of the directory, what an answer waits for,
/// and versions.
figures machine(const std::filesystem::path& directory);

}  // namespace bench
