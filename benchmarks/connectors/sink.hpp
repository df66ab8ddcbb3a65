// A read model in PostgreSQL or Redis beside the bare client library, which writes the same rows.
#pragma once

#include "benchmarks/history.hpp"
#include "benchmarks/run.hpp"

#include <annals/sink.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace bench {

/// Those that this build has a connector for.
std::vector<std::string> sink_databases();

struct sink_bench_options {
  std::vector<std::string> databases = sink_databases();
  std::vector<std::size_t> workers{1, 2};  ///< each 1 or 2
  std::uint64_t events = 300'000;
  std::uint64_t streams = 10'000;
  std::size_t runs = 3;
  std::uint64_t seed = 1;
};

/// What one event does to the read model.
struct balance_change {
  std::string account;
  std::int64_t cents = 0;  // 0: the account is opened
};
using balance_changes = std::vector<balance_change>;

/// A server for the duration of a measurement. Failures are exceptions.
class sink_bench {
public:
  virtual ~sink_bench() = default;
  virtual std::string version() = 0;
  /// Each list over a connection of its own, in batches of the sink's size, with one batch under way while the next one is prepared:
  /// changes/s. `sum` is what the balances add up to afterwards.
  virtual double bare(const std::vector<balance_changes>& lists, std::int64_t& sum) = 0;
  /// A sink with this many workers and an empty model, not yet at work.
  virtual annals::sink start(annals::sink_source from, std::size_t workers) = 0;
  /// Of the sink's model.
  virtual std::int64_t sum() = 0;
};

std::unique_ptr<sink_bench> postgresql_sink_bench(const std::filesystem::path& directory);
std::unique_ptr<sink_bench> redis_sink_bench(const std::filesystem::path& directory);

/// What `annals-bench sink` prints.
figures sink_result(const run_options& run, const sink_bench_options& with);

}  // namespace bench
