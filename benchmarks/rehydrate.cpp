#include "benchmarks/rehydrate.hpp"

#include "benchmarks/histogram.hpp"
#include "benchmarks/must.hpp"
#include "benchmarks/open.hpp"
#include "benchmarks/page_cache.hpp"
#include "benchmarks/stopwatch.hpp"
#include "config/hosted.hpp"
#include "store/open_store.hpp"

#include <annals/runtime.hpp>

#include <cmath>
#include <memory>
#include <vector>

namespace bench {
namespace {

/// The expected balance of each long stream.
std::vector<std::int64_t> cents_of(const history_options& with) {
  std::vector<std::int64_t> cents(with.long_streams);
  history all{with};
  const std::string_view begin = "account-long";
  for (history::event e; all.next(e);)
    if (e.stream.starts_with(begin)) cents[std::stoull(std::string{e.stream.substr(begin.size())})] += e.cents;
  return cents;
}

annals::runtime with_accounts(const std::filesystem::path& store) {
  auto rt = open(store);
  must(rt.host(must(annals::config::hosted().only({"account"}))));
  return rt;
}

/// Loads each of the long streams once, and adds the times to `times`.
void load_all(const annals::runtime& rt, const std::vector<std::int64_t>& cents, histogram& times) {
  for (std::size_t i = 0; i < cents.size(); ++i) {
    const auto key = history::long_key(i);
    const stopwatch loading;
    const auto past = must(rt.state_of<bank::account>(key));
    times.add(static_cast<std::uint64_t>(1e3 * loading.us()));
    if (past.state.cents != cents[i]) fail("a stream has come to another state");
  }
}

struct warm {
  histogram in_turn;  // others are loaded in between
  histogram again;    // the same stream was loaded right before
};

warm warm_times(const std::filesystem::path& store, const rehydrate_options& with, const std::vector<std::int64_t>& cents) {
  const auto rt = with_accounts(store);
  warm times;
  histogram warm_up;
  load_all(rt, cents, warm_up);
  for (std::size_t i = 0; i < with.rounds; ++i) load_all(rt, cents, times.in_turn);
  for (std::size_t i = 0; i < with.rounds; ++i) load_all(rt, {cents.front()}, times.again);
  return times;
}

std::size_t snapshots_in(const std::filesystem::path& store) {
  const auto opened = must(annals::store::open_store(store, {.read_only = true}));
  std::size_t count = 0;
  must(opened->derived->snapshots([&](const annals::store::snapshot&) { return ++count > 0; }));
  return count;
}

/// Deposits one cent into each by a command, which loads the aggregate and takes the snapshot that is due. Repeats this for snapshots
/// that the runtime had not written when it was closed.
void take_snapshots(const std::filesystem::path& store, std::vector<std::int64_t>& cents) {
  do {
    auto rt = with_accounts(store);
    must(rt.start());
    for (std::size_t i = 0; i < cents.size(); ++i, ++cents[i - 1]) must(rt.send<bank::account>(history::long_key(i), bank::deposit{1, {}}).get());
    must(rt.settle(std::chrono::seconds{60}));
    rt.close();
  } while (snapshots_in(store) < cents.size());
}

figures measure_rehydrate(const std::filesystem::path& directory, const rehydrate_options& with) {
  const auto store = directory / "rehydrate-store";
  write_history(store, with.history);
  auto cents = cents_of(with.history);
  {
    auto rt = with_accounts(store);
    must(rt.start());
    rt.close();  // writes the stream index
  }
  const auto warm = warm_times(store, with, cents);
  const auto left = drop_from_page_cache(store);
  histogram cold;
  load_all(with_accounts(store), cents, cold);
  take_snapshots(store, cents);
  const auto from_snapshot = warm_times(store, with, cents);
  std::filesystem::remove_all(store);
  return {{"events", with.history.events},
          {"streams", with.history.streams},
          {"long_streams", with.history.long_streams},
          {"long_events", with.history.long_events},
          {"rounds", with.rounds},
          {"seed", with.history.seed},
          {"warm_p50_us", rounded(warm.in_turn.percentile_us(50))},
          {"warm_p99_us", rounded(warm.in_turn.percentile_us(99))},
          {"again_p50_us", rounded(warm.again.percentile_us(50))},
          {"again_p99_us", rounded(warm.again.percentile_us(99))},
          {"cold_p50_us", rounded(cold.percentile_us(50))},
          {"cold_max_us", rounded(cold.max_us())},
          {"cold_part_in_memory", std::round(1e4 * left) / 1e4},
          {"snapshot_p50_us", rounded(from_snapshot.in_turn.percentile_us(50))},
          {"snapshot_p99_us", rounded(from_snapshot.in_turn.percentile_us(99))}};
}

}  // namespace

figures rehydrate_result(const run_options& run, const rehydrate_options& with) {
  return measured("rehydrate", run, 0.5, [&](const std::filesystem::path& directory) { return measure_rehydrate(directory, with); });
}

}  // namespace bench
