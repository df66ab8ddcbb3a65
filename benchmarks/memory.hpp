// What an idle aggregate costs.
#pragma once

#include <cstddef>
#include <filesystem>

namespace bench {

struct memory_figures {
  std::size_t aggregates = 0;          // resident, with one command each
  double heap_bytes_an_aggregate = 0;  // all that the process has allocated meanwhile, over their number
};

/// Ends the process with a message when the runtime fails.
memory_figures measure_memory(const std::filesystem::path& directory, std::size_t aggregates);

}  // namespace bench
