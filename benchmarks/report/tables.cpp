// Tables of all figures.
#include "benchmarks/numbers.hpp"
#include "benchmarks/report/sections.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace bench::report {
namespace {

/// "p99_us" becomes "p99 µs".
std::string heading_of(std::string key) {
  std::replace(key.begin(), key.end(), '_', ' ');
  if (key.ends_with(" us")) key.replace(key.size() - 2, 2, "µs");
  return key;
}

void add_column(std::vector<std::string>& keys, const std::string& key) {
  if (std::find(keys.begin(), keys.end(), key) == keys.end()) keys.push_back(key);
}

/// The figures of a result that become cells: single values, the range of its runs, and the disk's sync before and after.
figures cells_of(const result& r) {
  figures cells{{"file", r.name}};
  for (const auto& [key, value] : r.all.items())
    if (!value.is_structured() && key != "benchmark") cells[key] = value;
  if (r.has("runs") && r.all["runs"].is_array() && r.all["runs"].size() > 1) {
    std::vector<double> seen;
    for (const auto& run : r.all["runs"])
      if (run.is_number()) seen.push_back(run);
    const auto [least, greatest] = std::minmax_element(seen.begin(), seen.end());
    if (!seen.empty()) cells["runs"] = fmt::format("{}: {} to {}", seen.size(), number_text(*least), number_text(*greatest));
  }
  if (const auto us = r.sync_p50_us("limits_before")) cells["fdatasync_before_p50_us"] = *us;
  if (const auto us = r.sync_p50_us("limits_after")) cells["fdatasync_after_p50_us"] = *us;
  return cells;
}

/// Leaves out parameters that all results share: the source of the section has them.
table every_figure(const std::vector<result>& results) {
  std::vector<figures> rows;
  for (const auto& r : results) rows.push_back(cells_of(r));
  std::vector<std::string> shared;
  for (const auto& [key, value] : rows.front().items())
    if (is_parameter(key) && std::all_of(rows.begin(), rows.end(), [&](const figures& row) { return row.contains(key) && row[key] == value; }))
      shared.push_back(key);
  for (auto& row : rows)
    for (const auto& key : shared) row.erase(key);
  return table_of("", rows);
}

}  // namespace

table table_of(const std::string& title, const std::vector<figures>& rows) {
  table t{title, {}, {}};
  std::vector<std::string> keys;
  for (const auto& row : rows)
    for (const auto& [key, unused] : row.items()) add_column(keys, key);
  for (const auto& key : keys) t.head.push_back(heading_of(key));
  for (const auto& row : rows) {
    auto& cells = t.rows.emplace_back();
    for (const auto& key : keys) cells.push_back(row.contains(key) ? text_of(row[key]) : "");
  }
  return t;
}

void add_every_figure(std::vector<section>& to, const std::vector<result>& all) {
  for (const auto* benchmark : {"commands", "shop", "replay", "query", "recover", "rehydrate", "memory", "limits"})
    if (const auto of = only(all, benchmark); !of.empty()) {  // compare has its own section
      section s{
          .heading = std::string{"Every figure: "} + benchmark, .text = "", .figures = {}, .tables = {every_figure(of)}, .sources = {source_of(of)}};
      for (const auto& r : of)
        for (const auto* list : {"results", "alone", "beside"})
          if (const auto rows = r.rows(list); !rows.empty()) s.tables.push_back(table_of(fmt::format("{}: {}", r.name, list), rows));
      to.push_back(std::move(s));
    }
}

}  // namespace bench::report
