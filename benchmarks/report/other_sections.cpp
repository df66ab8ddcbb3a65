// The shop, memory, and the machine by itself.
#include "benchmarks/report/dot_chart.hpp"
#include "benchmarks/report/line_chart.hpp"
#include "benchmarks/report/sections.hpp"

#include <fmt/format.h>

namespace bench::report {
namespace {

figure plot(const dot_chart& chart) { return {chart.title, svg(chart)}; }

dot dot_of(const result& r, const char* name, const char* key, std::string (*text)(double), std::size_t colour) {
  return {r.number(key), fmt::format("{} {}", name, text(r.number(key))), colour};
}

}  // namespace

void add_shop_section(std::vector<section>& to, const std::vector<result>& all) {
  const auto of = only(all, "shop");
  if (of.empty()) return;
  section s{.heading = "The shop",
            .text =
                "Orders through inventory, payment, confirmation and shipping. A latency counts from placing an order until "
                "a read model shows that it has ended."};
  dot_chart chart{.title = "An order from end to end", .x = {.title = "until the order has ended", .text = duration_text}, .rows = {}};
  dot_chart rates{.title = "Throughput", .x = {.title = "a second", .text = count_text}, .rows = {}};
  for (const auto& r : of) {
    const auto name = count_text(r.number("in_flight")) + " orders in flight";
    rates.rows.push_back({name, {dot_of(r, "orders", "orders_per_second", count_text, 0), dot_of(r, "events", "events_per_second", count_text, 1)}});
    chart.rows.push_back({name,
                          {dot_of(r, "p50", "p50_us", duration_text, 0), dot_of(r, "p99", "p99_us", duration_text, 1),
                           dot_of(r, "longest", "max_us", duration_text, 2)}});
  }
  s.figures = {plot(rates), plot(chart)};
  s.sources.push_back(source_of(of));
  to.push_back(std::move(s));
}

void add_memory_section(std::vector<section>& to, const std::vector<result>& all) {
  const auto of = only(all, "memory");
  if (of.empty()) return;
  section s{.heading = "Memory",
            .text =
                "The process's own pages at the end, and the most it ever had, pages of the mapped log included that can be "
                "dropped at any time."};
  dot_chart chart{.title = "Memory of the process", .x = {.title = "memory", .text = bytes_text}, .rows = {}};
  dot_chart each{.title = "Heap for an idle aggregate", .x = {.title = "heap for each", .text = bytes_text}, .rows = {}};
  for (const auto& r : of) {
    const auto aggregates = count_text(r.number("aggregates")) + " aggregates";
    const auto stay = r.number("resident_max") > 0 ? count_text(r.number("resident_max")) + " stay" : "all stay";
    chart.rows.push_back(
        {aggregates + ", " + stay, {dot_of(r, "own", "own_memory_bytes", bytes_text, 0), dot_of(r, "most", "peak_memory_bytes", bytes_text, 1)}});
    if (r.has("heap_bytes_an_aggregate")) each.rows.push_back({aggregates, {dot_of(r, "heap", "heap_bytes_an_aggregate", bytes_text, 0)}});
  }
  s.figures.push_back(plot(chart));
  if (!each.rows.empty()) s.figures.push_back(plot(each));
  s.sources.push_back(source_of(of));
  to.push_back(std::move(s));
}

void add_limits_section(std::vector<section>& to, const std::vector<result>& all) {
  const auto of = only(all, "limits");
  if (of.empty()) return;
  section s{.heading = "The machine by itself", .text = "LMDB alone, records of 200 bytes, one thread; and small writes with an fdatasync each."};
  line_chart lmdb{.title = "LMDB alone",
                  .x = {.title = "records a durable commit", .text = count_text, .named_values = true},
                  .y = {.title = "records a second", .text = count_text},
                  .names = "",
                  .lines = {}};
  dot_chart syncs{.title = "A synced write of 4 KiB", .x = {.title = "write and fdatasync", .text = duration_text}, .rows = {}};
  for (const auto& r : of) {
    line one{of.size() > 1 ? r.name : "", {}};
    for (const auto batch : {1, 64, 1024, 8192})
      one.points.push_back({static_cast<double>(batch), r.number(fmt::format("raw_lmdb_batch_{}_per_second", batch).c_str())});
    lmdb.lines.push_back(std::move(one));
    syncs.rows.push_back({r.name,
                          {dot_of(r, "p50", "fdatasync_p50_us", duration_text, 0), dot_of(r, "p99", "fdatasync_p99_us", duration_text, 1),
                           dot_of(r, "longest", "fdatasync_max_us", duration_text, 2)}});
  }
  s.figures.push_back({lmdb.title, svg(lmdb)});
  s.figures.push_back(plot(syncs));
  s.sources.push_back(source_of(of));
  to.push_back(std::move(s));
}

}  // namespace bench::report
