// Building a read model from the log: decoding and folding, compared with reading only, and with SQLite.
#pragma once

#include "benchmarks/history.hpp"
#include "benchmarks/run.hpp"

#include <cstddef>
#include <filesystem>
#include <optional>
#include <vector>

namespace bench {

struct replay_options {
  history_options history{.streams = 1'000};
  std::vector<std::size_t> partitions{1, 2};
  std::size_t runs = 3;
};

/// What `annals-bench replay` prints.
figures replay_result(const run_options& run, const replay_options& with);

/// The same events in an SQLite table, with a column for each field, read in order and folded by the same functions into
/// the same model: events/s, the best of the runs. Nothing if this was built without libsqlite3-dev.
std::optional<double> replay_from_sqlite(const std::filesystem::path& directory, const replay_options& with);

}  // namespace bench
