// Deposits through the whole path: command ids, durable answers, one projection that follows.
#pragma once

#include "benchmarks/run.hpp"

#include <annals/options.hpp>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace bench {

struct commands_options {
  std::size_t aggregates = 1'000;
  std::size_t in_flight = 8'192;  // of a closed loop; an open loop warms up with one, too
  double rate = 0;                // commands/s of an open loop; 0: a closed loop
  double seconds = 5;
  double warm_up_seconds = 1;  // always a closed loop
  std::uint64_t seed = 1;
  std::size_t slices = 1;
  std::uint64_t scrape_ms = 0;      // read the metrics every so often meanwhile; 0: never
  std::size_t filler_bytes = 0;     // added to each record
  std::filesystem::path directory;  // for the store; emptied first
  annals::options runtime;
};

/// One of several parts of equal length.
struct commands_slice {
  double commands_per_second = 0;
  double p99_us = 0;
  double max_us = 0;
  // With several slices: the small synced writes made at the same time, and how late threads woke.
  double disk_p99_us = 0;
  double disk_max_us = 0;
  double late_max_us = 0;
  double stolen_ms = 0;
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
  std::uint64_t commands = 0;  // accepted
  std::uint64_t overloaded = 0;
  std::uint64_t records = 0;  // by which the log has grown during the run
  std::uint64_t scrapes = 0;
  double scrape_p99_us = 0;
  std::uint64_t projection_behind = 0;  // in records, at the last answer
  std::vector<commands_slice> slices;
};

/// Ends the process with a message if the runtime fails.
commands_figures measure_commands(const commands_options& with);

/// The parameters and the figures.
figures to_figures(const commands_options& with, const commands_figures& f);

struct commands_run {
  run_options run;
  commands_options commands;  // without the directory
  std::string rate;           // of an open loop: commands/s, or "half" of the rate of a closed loop; empty: a closed loop
  std::size_t runs = 1;
};

/// What `annals-bench commands` prints.
figures commands_result(const commands_run& with);

}  // namespace bench
