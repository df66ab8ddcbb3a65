#include "benchmarks/commands.hpp"

#include "benchmarks/limits.hpp"
#include "benchmarks/load.hpp"
#include "benchmarks/machine_probe.hpp"
#include "benchmarks/must.hpp"
#include "benchmarks/scraper.hpp"
#include "config/hosted.hpp"
#include "projections/balances.hpp"

#include <annals/runtime.hpp>
#include <bank/account.hpp>

#include <sys/resource.h>

#include <cmath>
#include <optional>

namespace bench {
namespace {

std::uint64_t peak_memory() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
}

/// The mean size of the records written after this position.
double mean_record_bytes(const annals::runtime& rt, annals::position before) {
  std::uint64_t bytes = 0, records = 0;
  must(rt.log(before + 1, 100'000, [&](const annals::record_view& r) {
    bytes += r.stored_bytes;
    return ++records > 0;
  }));
  return static_cast<double>(bytes) / static_cast<double>(std::max<std::uint64_t>(records, 1));
}

void put_latencies(commands_figures& to, const std::vector<load_slice>& slices, double slice_seconds) {
  histogram all;
  for (const auto& slice : slices) {
    all.add(slice.times);
    to.overloaded += slice.overloaded;
    to.slices.push_back({static_cast<double>(slice.times.total()) / slice_seconds, slice.times.percentile_us(99), slice.times.max_us()});
  }
  to.commands = all.total();
  to.p50_us = all.percentile_us(50);
  to.p99_us = all.percentile_us(99);
  to.max_us = all.max_us();
}

commands_figures measure_on(annals::runtime& rt, const commands_options& with) {
  commands_figures figures;
  load deposits{rt, with.aggregates, with.seed, with.filler_bytes};
  deposits.open_accounts();
  if (with.warm_up_seconds > 0) deposits.closed_loop(with.in_flight, with.warm_up_seconds);
  std::optional<machine_probe> beside;
  if (with.slices > 1) beside.emplace(with.directory);
  std::optional<scraper> scraping;
  if (with.scrape_ms > 0) scraping.emplace(rt, std::chrono::milliseconds{with.scrape_ms});
  const auto begin = machine_probe::steady::now();
  const auto before = rt.health();
  const auto took =
      with.rate > 0 ? deposits.open_loop(with.rate, with.seconds, with.slices) : deposits.closed_loop(with.in_flight, with.seconds, with.slices);
  const auto after = rt.health();
  if (scraping) {
    scraping->end();
    figures.scrapes = scraping->scrapes();
    figures.scrape_p99_us = scraping->p99_us();
  }
  put_latencies(figures, deposits.slices(), with.seconds / static_cast<double>(with.slices));
  if (beside) {
    const auto end = begin + std::chrono::duration_cast<machine_probe::steady::duration>(std::chrono::duration<double>(with.seconds));
    const auto machine = beside->in_parts(begin, end, with.slices);
    for (std::size_t i = 0; i < machine.size(); ++i) {
      auto& slice = figures.slices[i];
      slice.disk_p99_us = machine[i].sync_p99_us;
      slice.disk_max_us = machine[i].sync_max_us;
      slice.late_max_us = machine[i].late_max_us;
      slice.stolen_ms = machine[i].stolen_ms;
    }
  }
  figures.commands_per_second = static_cast<double>(figures.commands) / took;
  figures.records = after.durable - before.durable;
  const auto commits = after.commits - before.commits;
  figures.commits_per_second = static_cast<double>(commits) / took;
  figures.mean_batch = static_cast<double>(figures.records) / static_cast<double>(std::max<std::uint64_t>(commits, 1));
  figures.projection_behind = after.durable - after.projections.front().at;
  figures.peak_memory_bytes = peak_memory();
  figures.mean_record_bytes = mean_record_bytes(rt, before.durable);
  return figures;
}

}  // namespace

commands_figures measure_commands(const commands_options& with) {
  const auto store = with.directory / "commands-store";
  std::filesystem::remove_all(store);
  auto rt = must(annals::runtime::open(store, with.runtime));
  must(rt.host(must(annals::config::hosted().only({"account", "balances"}))));
  must(rt.start());
  auto figures = measure_on(rt, with);
  rt.close();
  std::filesystem::remove_all(store);
  const auto batch = std::max<std::size_t>(1, static_cast<std::size_t>(figures.mean_batch + 0.5));
  figures.raw_lmdb_per_second =
      measure_raw_lmdb(with.directory, static_cast<std::size_t>(figures.mean_record_bytes), batch, std::min(with.seconds, 2.0));
  return figures;
}

figures to_figures(const commands_options& with, const commands_figures& f) {
  figures all{{"aggregates", with.aggregates}, {"in_flight", with.in_flight}};
  if (with.rate > 0) all["rate"] = std::round(with.rate);
  all.update({{"seconds", with.seconds}, {"warm_up_seconds", with.warm_up_seconds}, {"seed", with.seed}});
  all.update({{"commands", f.commands},
              {"commands_per_second", std::round(f.commands_per_second)},
              {"p50_us", rounded(f.p50_us)},
              {"p99_us", rounded(f.p99_us)},
              {"max_us", rounded(f.max_us)},
              {"overloaded", f.overloaded},
              {"commits_per_second", rounded(f.commits_per_second)},
              {"mean_batch", rounded(f.mean_batch)},
              {"mean_record_bytes", rounded(f.mean_record_bytes)},
              {"peak_memory_bytes", f.peak_memory_bytes},
              {"projection_behind", f.projection_behind},
              {"raw_lmdb_per_second", std::round(f.raw_lmdb_per_second)},
              {"ratio_to_raw_lmdb", std::round(1000 * f.commands_per_second / f.raw_lmdb_per_second) / 1000}});
  if (with.scrape_ms > 0) all.update({{"scrape_ms", with.scrape_ms}, {"scrapes", f.scrapes}, {"scrape_p99_us", rounded(f.scrape_p99_us)}});
  if (f.slices.size() > 1) {
    all["slices"] = figures::array();
    for (const auto& s : f.slices)
      all["slices"].push_back({{"commands_per_second", std::round(s.commands_per_second)},
                               {"p99_us", rounded(s.p99_us)},
                               {"max_us", rounded(s.max_us)},
                               {"disk_p99_us", rounded(s.disk_p99_us)},
                               {"disk_max_us", rounded(s.disk_max_us)},
                               {"late_max_us", rounded(s.late_max_us)},
                               {"stolen_ms", rounded(s.stolen_ms)}});
  }
  return all;
}

}  // namespace bench
