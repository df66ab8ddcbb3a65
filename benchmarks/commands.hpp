// Deposits through the whole path: command ids, durable answers, one projection following.
#pragma once

#include <annals/options.hpp>

#include <cstdint>
#include <filesystem>

namespace bench {

struct commands_options {
  std::size_t aggregates = 1'000;
  std::size_t in_flight = 8'192;
  double seconds = 5;
  double warm_up_seconds = 1;
  std::filesystem::path directory;  // for the store; emptied first
  annals::options runtime;
};

struct commands_figures {
  double commands_per_second = 0;
  double p50_us = 0;
  double p99_us = 0;
  double max_us = 0;
  double commits_per_second = 0;
  double mean_batch = 0;
  std::uint64_t peak_memory_bytes = 0;
  double mean_record_bytes = 0;
  double raw_lmdb_per_second = 0;
  std::uint64_t commands = 0;
  std::uint64_t projection_behind = 0;  // records, when the last answer came
};

/// Ends the process with a message when the runtime fails.
commands_figures measure_commands(const commands_options& with);

}  // namespace bench
