// Reading: read models built from the log, queries, starts, and streams scattered over the log.
#include "benchmarks/report/dot_chart.hpp"
#include "benchmarks/report/sections.hpp"

#include <fmt/format.h>

namespace bench::report {
namespace {

constexpr double us_per_ms = 1'000;

figure dots(const dot_chart& chart) { return {chart.title, svg(chart)}; }

dot one_dot(double value, std::string (*text)(double)) { return {value, text(value), 0}; }

void add(section& to, const dot_chart& chart, const std::vector<result>& of) {
  if (chart.rows.empty()) return;
  to.figures.push_back(dots(chart));
  to.sources.push_back(source_of(of));
}

void add_replay(section& to, const std::vector<result>& of) {
  dot_chart chart{.title = "A read model from the log", .x = {.title = "events a second", .text = count_text}, .rows = {}};
  for (const auto& r : of) {
    const auto row = [&](const std::string& name, double value) { chart.rows.push_back({name, {one_dot(value, count_text)}}); };
    row("LMDB's bare scan", r.number("raw_scan_per_second"));
    for (const auto& one : r.rows("results"))
      row("the model, " + counted(r.number_in(one, "partitions"), "partition"), r.number_in(one, "events_per_second"));
    row("at the start of a runtime", r.number("start_events_per_second"));
    if (r.has("sqlite_events_per_second")) row("from a table in SQLite", r.number("sqlite_events_per_second"));
  }
  add(to, chart, of);
}

void add_queries(section& to, const std::vector<result>& of) {
  dot_chart chart{.title = "Queries", .x = {.title = "queries a second", .text = count_text}, .rows = {}};
  for (const auto& r : of)
    for (const auto* when : {"alone", "beside"})
      for (const auto& one : r.rows(when)) {
        const bool is_alone = std::string_view{when} == "alone";
        const auto way = r.text_in(one, "how");
        const auto threads = ", " + counted(r.number_in(one, "threads"), "thread");
        const auto how = way == "ask" ? "by message" : (way == "read" ? std::string{"direct"} : std::string{way}) + threads;
        const auto beside = fmt::format("with {} events/s", count_text(r.number("rate")));
        chart.rows.push_back({how + ", " + (is_alone ? "alone" : beside), {one_dot(r.number_in(one, "queries_per_second"), count_text)}});
      }
  add(to, chart, of);
}

void add_starts(section& to, const std::vector<result>& of) {
  dot_chart chart{.title = "From opening a store to the first answer", .x = {.title = "time", .text = duration_text}, .rows = {}};
  for (const auto& r : of)
    for (const auto& one : r.rows("results"))
      chart.rows.push_back({fmt::format("{} events, derived/ {}", count_text(r.number_in(one, "events")), r.text_in(one, "derived")),
                            {one_dot(us_per_ms * r.number_in(one, "first_query_ms"), duration_text)}});
  add(to, chart, of);
}

void add_rehydration(section& to, const std::vector<result>& of) {
  dot_chart chart{.title = "A scattered stream", .x = {.title = "until it is loaded, p50", .text = duration_text}, .rows = {}};
  for (const auto& r : of) {
    const auto events = count_text(r.number("long_events")) + " events, ";
    const auto row = [&](const std::string& name, const char* key) {
      if (r.has(key)) chart.rows.push_back({name, {one_dot(r.number(key), duration_text)}});
    };
    row(events + "from the disk", "cold_p50_us");
    row(events + "from the page cache", "warm_p50_us");
    row(events + "again and again", "again_p50_us");
    row("from a snapshot", "snapshot_p50_us");
  }
  add(to, chart, of);
}

}  // namespace

void add_reading_section(std::vector<section>& to, const std::vector<result>& all) {
  section s{.heading = "Reading", .text = "What reads the log, and what reads a model."};
  add_replay(s, only(all, "replay"));
  add_queries(s, only(all, "query"));
  add_starts(s, only(all, "recover"));
  add_rehydration(s, only(all, "rehydrate"));
  if (!s.figures.empty()) to.push_back(std::move(s));
}

}  // namespace bench::report
