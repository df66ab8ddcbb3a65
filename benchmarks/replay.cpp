#include "benchmarks/replay.hpp"

#include "benchmarks/must.hpp"
#include "benchmarks/open.hpp"
#include "benchmarks/stopwatch.hpp"
#include "config/hosted.hpp"
#include "projections/balances.hpp"

#include <annals/runtime.hpp>

#include <lmdb.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <numeric>
#include <thread>

namespace bench {
namespace {

using projections::balances;

void must_lmdb(int rc) {
  if (rc != 0) fail(std::string{"reading the log with LMDB alone: "} + mdb_strerror(rc));
}

/// LMDB alone, in the store's own environment: visits every record and reads its first eight bytes.
double raw_scan_seconds(const std::filesystem::path& store, std::uint64_t events) {
  MDB_env* env = nullptr;
  MDB_txn* txn = nullptr;
  MDB_dbi db = 0;
  MDB_cursor* cursor = nullptr;
  must_lmdb(mdb_env_create(&env));
  mdb_env_set_maxdbs(env, 8);
  must_lmdb(mdb_env_open(env, (store / "log").c_str(), MDB_RDONLY | MDB_NORDAHEAD, 0644));
  must_lmdb(mdb_txn_begin(env, nullptr, MDB_RDONLY, &txn));
  must_lmdb(mdb_dbi_open(txn, "events", 0, &db));
  must_lmdb(mdb_cursor_open(txn, db, &cursor));
  const stopwatch reading;
  MDB_val key{}, val{};
  std::uint64_t seen = 0, sum = 0;
  while (mdb_cursor_get(cursor, &key, &val, MDB_NEXT) == 0) {
    std::uint64_t first = 0;
    std::memcpy(&first, val.mv_data, sizeof first);
    sum ^= first;
    ++seen;
  }
  const auto took = reading.seconds();
  mdb_cursor_close(cursor);
  mdb_txn_abort(txn);
  mdb_env_close(env);
  if (seen != events || sum == 0) fail("LMDB alone reads another log");
  return took;
}

/// Builds the whole model in this many threads: each reads the log, and folds the streams whose hash is its own.
double rebuild_seconds(const annals::runtime& rt, const replay_options& with, std::size_t partitions, std::int64_t expected) {
  std::vector<std::int64_t> cents(partitions);
  std::vector<double> took(partitions);  // until the model is complete, without its destruction
  const stopwatch building;
  const auto build = [&](std::size_t mine) {
    const auto is_mine = [=](std::string_view stream) { return std::hash<std::string_view>{}(stream) % partitions == mine; };
    const auto built = must(rt.model_at<balances>(with.history.events, partitions == 1 ? annals::stream_choice{} : is_mine));
    took[mine] = building.seconds();
    cents[mine] = built.model.totals.cents;
  };
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < partitions; ++i) threads.emplace_back([&, i] { build(i); });
  for (auto& t : threads) t.join();
  if (std::accumulate(cents.begin(), cents.end(), std::int64_t{0}) != expected) fail("a rebuilt model has another sum than its log");
  return *std::max_element(took.begin(), took.end());
}

/// A start with nothing but the log: the projector follows it, while the loader builds the stream index.
double start_seconds(const std::filesystem::path& store) {
  std::filesystem::remove_all(store / "derived");
  auto rt = open(store);
  must(rt.host(must(annals::config::hosted().only({"account", "balances"}))));
  const stopwatch starting;
  must(rt.start());
  return starting.seconds();
}

/// The best of all runs, in events/s.
template <class Measure>
double best(const replay_options& with, Measure&& seconds) {
  double least = 0;
  for (std::size_t i = 0; i < with.runs; ++i)
    if (const double took = seconds(); i == 0 || took < least) least = took;
  return static_cast<double>(with.history.events) / least;
}

figures measure_replay(const std::filesystem::path& directory, const replay_options& with) {
  const auto store = directory / "replay-store";
  const auto expected = total_cents(with.history);
  write_history(store, with.history);
  figures all{{"events", with.history.events}, {"streams", with.history.streams}, {"seed", with.history.seed}, {"runs", with.runs}};
  const auto raw = best(with, [&] { return raw_scan_seconds(store, with.history.events); });
  all["raw_scan_per_second"] = std::round(raw);
  auto rows = figures::array();
  {
    const auto rt = open(store);
    for (const auto partitions : with.partitions) {
      const auto rate = best(with, [&] { return rebuild_seconds(rt, with, partitions, expected); });
      rows.push_back({{"partitions", partitions}, {"events_per_second", std::round(rate)}});
    }
  }
  const auto started = best(with, [&] { return start_seconds(store); });
  std::filesystem::remove_all(store);
  const auto sqlite = replay_from_sqlite(directory, with);
  all["start_events_per_second"] = std::round(started);
  if (sqlite) {
    all["sqlite_events_per_second"] = std::round(*sqlite);
    for (auto& row : rows) row["ratio_to_sqlite"] = std::round(1'000 * row["events_per_second"].get<double>() / *sqlite) / 1'000;
  }
  all["results"] = rows;
  return all;
}

}  // namespace

figures replay_result(const run_options& run, const replay_options& with) {
  return measured("replay", run, 0.5, [&](const std::filesystem::path& directory) { return measure_replay(directory, with); });
}

#ifndef ANNALS_BENCH_SQLITE
std::optional<double> replay_from_sqlite(const std::filesystem::path&, const replay_options&) { return std::nullopt; }
#endif

}  // namespace bench
