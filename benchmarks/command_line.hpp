// The command line of annals-bench.
#pragma once

#include "benchmarks/run.hpp"

#include <CLI/CLI.hpp>

namespace bench {

/// Adds --directory and --json.
inline void add_run_options(CLI::App& command, run_options& with) {
  command.add_option("--directory", with.directory, "where the files go; on the disk to be measured")->capture_default_str();
  command.add_flag("--json", with.json, "print one JSON object");
}

/// query, replay, recover, rehydrate.
void add_reading_commands(CLI::App& app);
/// relay, intake: where this was built with their connectors.
void add_connector_commands(CLI::App& app);

}  // namespace bench
