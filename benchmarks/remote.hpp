// Deposits from another process: the same load as `commands`, through a remote handle over loopback, plain and with TLS; beside it, in the
// same run, the load in one process, and bare CAF.
#pragma once

#include "benchmarks/other_process.hpp"
#include "benchmarks/run.hpp"

#include <cstddef>
#include <filesystem>
#include <vector>

namespace bench {

/// What the other process does: a new store with the bank, served.
void serve_bank(const std::filesystem::path& store, const credentials& who, const other_process::ready& ready);

struct remote_bench_options {
  std::vector<std::size_t> in_flight{1, 64, 1'024, 8'192};
  std::size_t aggregates = 1'000;
  double seconds = 3;
  double warm_up_seconds = 1;
};

/// What `annals-bench remote` prints.
figures remote_result(const run_options& run, const remote_bench_options& with);

struct replica_bench_options {
  std::size_t events = 500'000;  // that the source has before the replica begins
  double rate = 200'000;         // commands/s of the source while the replica follows; 0: none
  double seconds = 5;
};

/// What `annals-bench replica` prints.
figures replica_result(const run_options& run, const replica_bench_options& with);

}  // namespace bench
