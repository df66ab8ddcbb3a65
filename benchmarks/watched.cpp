#include "benchmarks/watched.hpp"

#include "benchmarks/collector.hpp"
#include "benchmarks/must.hpp"
#include "benchmarks/scraper.hpp"
#include "config/hosted.hpp"

#include <annals/runtime.hpp>
#include <annals/trace_exporter.hpp>

#include <cmath>
#include <functional>
#include <string>

namespace bench {
namespace {

/// One row: a runtime with a store of its own, so that none begins with what another has left.
figures row_of(const std::filesystem::path& directory, const watched_options& with, const std::string& what,
               const std::function<figures(annals::runtime&, load&)>& measure) {
  const auto store = directory / "watched-store";
  std::filesystem::remove_all(store);
  auto rt = must(annals::runtime::open(store, {}));
  must(rt.host(must(annals::config::hosted().only({"account", "balances"}))));
  must(rt.start());
  load deposits{rt, with.aggregates, with.seed};
  deposits.open_accounts();
  if (with.warm_up_seconds > 0) deposits.closed_loop(with.turns.in_flight, with.warm_up_seconds);
  figures row{{"what", what}};
  row.update(measure(rt, deposits));
  rt.close();
  std::filesystem::remove_all(store);
  return row;
}

double rounded_share(double share) { return std::round(100'000 * share) / 100'000; }

figures scraped(annals::runtime& rt, load& deposits, const watched_options& with) {
  scraper reads{rt, std::chrono::milliseconds{with.scrape_ms}, false};
  auto row = measure_in_turn(deposits, with.turns, [&](bool on) { reads.turn(on); });
  reads.end();
  const auto on_seconds = with.turns.slice_seconds * static_cast<double>(with.turns.blocks * slices_of_a_block / 2);
  const auto commands = row["on_per_second"].get<double>() * on_seconds;
  row.update({{"scrapes", reads.scrapes()},
              {"scrape_p99_us", rounded(reads.p99_us())},
              {"scrape_bytes", reads.bytes()},
              {"scrape_cpu_share", rounded_share(reads.processor_seconds() / (commands * row["cpu_us"].get<double>() / 1e6))}});
  return row;
}

figures traced(annals::runtime& rt, load& deposits, const watched_options& with, collector::kind kind) {
  const collector to{kind};
  auto exporter = must(annals::trace_exporter::start(rt.spans(), {.endpoint = to.endpoint(), .service = "annals-bench", .warn = [](auto) {}}));
  deposits.trace_one_in(with.trace_one_in);
  auto row = measure_in_turn(deposits, with.turns, [&](bool on) { deposits.trace(on); });
  exporter.close();
  const auto now = rt.metrics();
  for (const auto* outcome : {"exported", "failed", "dropped"}) {
    const auto* count = now.find("annals_trace_spans_total", {outcome});
    row[std::string{"spans_"} + outcome] = count != nullptr ? static_cast<std::uint64_t>(count->value) : 0;
  }
  return row;
}

collector::kind kind_of(const std::string& row) {
  if (row == "traces-gone") return collector::kind::gone;
  return row == "traces-slow" ? collector::kind::slow : collector::kind::refusing;
}

}  // namespace

std::vector<std::string> watched_rows() { return {"nothing", "scrapes", "traces-gone", "traces-slow", "traces-refused"}; }

figures watched_result(const run_options& run, const watched_options& with) {
  return measured("watched", run, 1.0, [&](const std::filesystem::path& directory) {
    figures rows = figures::array();
    for (const auto& what : with.rows)
      rows.push_back(row_of(directory, with, what, [&](auto& rt, load& deposits) -> figures {
        if (what == "nothing") return measure_in_turn(deposits, with.turns, [](bool) {});
        if (what == "scrapes") return scraped(rt, deposits, with);
        return traced(rt, deposits, with, kind_of(what));
      }));
    return figures{{"aggregates", with.aggregates},
                   {"in_flight", with.turns.in_flight},
                   {"blocks", with.turns.blocks},
                   {"slice_seconds", with.turns.slice_seconds},
                   {"seed", with.seed},
                   {"scrape_ms", with.scrape_ms},
                   {"trace_one_in", with.trace_one_in},
                   {"rows", std::move(rows)}};
  });
}

}  // namespace bench
