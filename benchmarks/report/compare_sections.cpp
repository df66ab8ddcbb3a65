// Comparison with other engines.
#include "benchmarks/numbers.hpp"
#include "benchmarks/report/dot_chart.hpp"
#include "benchmarks/report/sections.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace bench::report {
namespace {

/// All values of this figure: charts with different numbers in flight share a scale.
std::vector<double> all_engines(const result& r, const char* key) {
  std::vector<double> values;
  for (const auto& e : r.rows("results"))
    if (e.contains(key)) values.push_back(r.number_in(e, key));
  return values;
}

dot_chart throughput_of_engines(const result& r, const std::vector<figures>& engines, double in_flight) {
  dot_chart chart{.title = fmt::format("Throughput with {} in flight", count_text(in_flight)),
                  .x = {.title = "commands a second", .text = count_text, .also = all_engines(r, "commands_per_second")},
                  .rows = {}};
  for (const auto& e : engines) {
    const auto name = r.text_in(e, "engine");
    const auto per_second = r.number_in(e, "commands_per_second");
    dot_row row{name, {{per_second, count_text(per_second), name.starts_with("annals") ? 0u : 5u}}};
    if (e.contains("ratio")) row.note = "× " + number_text(r.number_in(e, "ratio"));
    chart.rows.push_back(std::move(row));
  }
  return chart;
}

dot_chart latency_of_engines(const result& r, const std::vector<figures>& engines, double in_flight) {
  axis x{.title = "until the answer", .text = duration_text, .also = all_engines(r, "p50_us")};
  const auto p99 = all_engines(r, "p99_us");
  x.also.insert(x.also.end(), p99.begin(), p99.end());
  dot_chart chart{.title = fmt::format("Latency with {} in flight", count_text(in_flight)), .x = x, .rows = {}};
  for (const auto& e : engines) {
    dot_row row{r.text_in(e, "engine"), {}};
    if (e.contains("p50_us")) row.dots.push_back({r.number_in(e, "p50_us"), "p50 " + duration_text(r.number_in(e, "p50_us")), 0});
    if (e.contains("p99_us")) row.dots.push_back({r.number_in(e, "p99_us"), "p99 " + duration_text(r.number_in(e, "p99_us")), 1});
    if (!row.dots.empty()) chart.rows.push_back(std::move(row));
  }
  return chart;
}

section compare_section(const result& r) {
  section s{.heading = "Beside other engines",
            .text = "A ratio is the throughput of annals over that of the engine, with as many commands in flight."};
  const auto add = [&](const dot_chart& chart) {
    if (!chart.rows.empty()) s.figures.push_back({chart.title, svg(chart)});
  };
  std::map<double, std::vector<figures>> by_in_flight;
  for (const auto& e : r.rows("results")) by_in_flight[r.number_in(e, "in_flight")].push_back(e);
  for (auto& [in_flight, engines] : by_in_flight) {
    std::stable_sort(engines.begin(), engines.end(), [&](const figures& a, const figures& b) {
      return r.number_in(a, "commands_per_second") > r.number_in(b, "commands_per_second");
    });
    add(throughput_of_engines(r, engines, in_flight));
    add(latency_of_engines(r, engines, in_flight));
  }
  for (const auto& [title, key] : {std::pair{"Results", "results"}, std::pair{"What each promises", "engines"}, std::pair{"Left out", "left_out"}})
    if (const auto rows = r.rows(key); !rows.empty()) s.tables.push_back(table_of(title, rows));
  s.sources.push_back(source_of({r}));
  return s;
}

}  // namespace

void add_compare_sections(std::vector<section>& to, const std::vector<result>& all) {
  for (const auto& r : only(all, "compare")) to.push_back(compare_section(r));
}

}  // namespace bench::report
