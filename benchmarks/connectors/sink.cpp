#include "benchmarks/connectors/sink.hpp"

#include "benchmarks/connectors/rate_of.hpp"
#include "benchmarks/medians.hpp"
#include "benchmarks/must.hpp"
#include "benchmarks/open.hpp"
#include "config/hosted.hpp"

#include <annals/runtime.hpp>

#include <cmath>
#include <functional>
#include <thread>

namespace bench {
namespace {

/// Those of a stream are in one list.
std::vector<balance_changes> changes_of(const history_options& of, std::size_t lists) {
  std::vector<balance_changes> all(lists);
  history events{of};
  for (history::event e; events.next(e);) {
    const auto account = e.stream.substr(e.stream.find('-') + 1);
    all[std::hash<std::string_view>{}(account) % lists].push_back({std::string{account}, e.cents});
  }
  return all;
}

double sunk_per_second(sink_bench& database, annals::runtime& rt, std::size_t workers) {
  const auto head = must(static_cast<const annals::node&>(rt).head()).at;
  const auto sink = database.start(rt, workers);
  rate_of rate;
  for (;;) {
    const auto now = sink.status();
    if (now.stopped || now.waiting) fail("sink: " + (now.stopped ? now.stopped : now.waiting)->message());
    rate.seen(now.at);
    if (now.at >= head) break;
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
  }
  if (!sink.parked().empty()) fail("sink: events were parked");
  return rate.per_second();
}

figures row_of(sink_bench& database, annals::runtime& rt, const history_options& log, std::size_t workers, std::size_t runs) {
  const auto changes = changes_of(log, workers);
  const auto expected = total_cents(log);
  auto made = medians(runs, "ratio", [&] {
    std::int64_t sum = 0;
    const auto bare = database.bare(changes, sum);
    if (sum != expected) fail("the bare rows add up to " + std::to_string(sum) + ", not " + std::to_string(expected));
    const auto sunk = sunk_per_second(database, rt, workers);
    if (database.sum() != expected) fail("the rows add up to " + std::to_string(database.sum()) + ", not " + std::to_string(expected));
    return figures{
        {"events_per_second", std::round(sunk)}, {"bare_per_second", std::round(bare)}, {"ratio", std::round(1'000 * sunk / bare) / 1'000}};
  });
  figures named{{"workers", workers}};
  named.update(made);
  return named;
}

std::unique_ptr<sink_bench> open_database(const std::string& name, const std::filesystem::path& directory) {
#ifdef ANNALS_BENCH_SINK_POSTGRESQL
  if (name == "postgresql") return postgresql_sink_bench(directory);
#endif
#ifdef ANNALS_BENCH_SINK_REDIS
  if (name == "redis") return redis_sink_bench(directory);
#endif
  throw std::runtime_error{"this build has no connector to " + name + " in " + directory.string()};
}

void add_rows(const std::string& name, const std::filesystem::path& directory, annals::runtime& rt, const history_options& log,
              const sink_bench_options& with, figures& rows) try {
  std::filesystem::create_directory(directory);
  const auto database = open_database(name, directory);
  for (const auto workers : with.workers) {
    figures named{{"database", name}, {"version", database->version()}};
    named.update(row_of(*database, rt, log, workers, with.runs));
    rows.push_back(std::move(named));
  }
} catch (const std::exception& e) {
  rows.push_back({{"database", name}, {"left_out", e.what()}});
}

}  // namespace

std::vector<std::string> sink_databases() {
  return {
#ifdef ANNALS_BENCH_SINK_POSTGRESQL
      "postgresql",
#endif
#ifdef ANNALS_BENCH_SINK_REDIS
      "redis",
#endif
  };
}

figures sink_result(const run_options& run, const sink_bench_options& with) {
  return measured("sink", run, 0.5, [&](const std::filesystem::path& directory) {
    const history_options log{.events = with.events, .streams = with.streams, .seed = with.seed};
    write_history(directory / "sink-store", log);
    auto rt = open(directory / "sink-store");
    must(rt.host(must(annals::config::hosted().only({"account"}))));
    must(rt.start());
    figures rows = figures::array();
    for (const auto& name : with.databases) add_rows(name, directory / name, rt, log, with, rows);
    return figures{{"events", with.events}, {"streams", with.streams}, {"seed", with.seed}, {"rows", std::move(rows)}};
  });
}

}  // namespace bench
