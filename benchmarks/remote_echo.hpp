// What CAF alone does over loopback: messages of a command's size there and back.
#pragma once

#include "benchmarks/run.hpp"

#include <cstddef>
#include <filesystem>

namespace bench {

/// One row, as of the load: batches of 200-byte messages, `in_flight` of them under way at once.
figures echoed(const std::filesystem::path& directory, std::size_t in_flight, double seconds);

}  // namespace bench
