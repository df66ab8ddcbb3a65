// A relay of annals::kafka beside a bare producer of the same messages, and beside commands.
#pragma once

#include "benchmarks/in_turn.hpp"
#include "benchmarks/run.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace bench {

/// The rows of relay_result(): what a relay publishes a second, and what commands lose while one runs.
std::vector<std::string> relay_rows();

struct relay_bench_options {
  std::vector<std::string> rows = relay_rows();
  std::uint64_t events = 300'000;
  std::uint64_t streams = 10'000;
  int partitions = 16;
  std::size_t batch = 4'096;
  std::size_t in_flight_events = 16'384;
  std::size_t runs = 3;
  std::uint64_t seed = 1;
  std::vector<std::size_t> in_flight{64, 8'192};  ///< commands, of the row "commands"
  std::size_t aggregates = 1'000;
  in_turn_options turns{.blocks = 10, .slice_seconds = 1};
};

/// What `annals-bench relay` prints.
figures relay_result(const run_options& run, const relay_bench_options& with);

/// One row: deposits with a relay that follows them, and without, in turn.
figures commands_beside_relay(const std::filesystem::path& directory, const relay_bench_options& with, std::size_t in_flight);

}  // namespace bench
