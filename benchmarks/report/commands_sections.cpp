// Deposits: throughput and latency over the parameters, the open loop, and long runs in parts.
#include "benchmarks/report/dot_chart.hpp"
#include "benchmarks/report/line_chart.hpp"
#include "benchmarks/report/sections.hpp"

#include <fmt/format.h>

#include <map>

namespace bench::report {
namespace {

constexpr auto* in_flight = "commands in flight";
constexpr auto* throughput = "commands a second";

/// One line for each value of the parameter `each`, over the parameter `over`.
std::vector<line> lines_of(const std::vector<result>& of, const char* each, const char* over, const char* figure) {
  std::map<double, std::map<double, std::vector<double>>> sorted;
  for (const auto& r : of) sorted[r.number(each)][r.number(over)].push_back(r.number(figure));
  std::vector<line> lines;
  for (const auto& [name, points] : sorted) {
    auto& line = lines.emplace_back();
    line.name = count_text(name);
    for (const auto& [x, values] : points)
      for (const auto y : values) line.points.push_back({x, y});
  }
  return lines;
}

figure plot(const line_chart& chart) { return {chart.title, svg(chart)}; }

void add_throughput(std::vector<section>& to, const std::vector<result>& closed) {
  section s{.heading = "Throughput", .text = "A closed loop: each answer, given when the command is on disk, sends the next command."};
  s.figures.push_back(plot({.title = "Throughput over commands in flight",
                            .x = {.title = in_flight, .text = count_text, .named_values = true},
                            .y = {.title = throughput, .text = count_text},
                            .names = "aggregates",
                            .lines = lines_of(closed, "aggregates", "in_flight", "commands_per_second")}));
  if (closed.front().number("aggregates") != closed.back().number("aggregates"))
    s.figures.push_back(plot({.title = "Throughput over aggregates",
                              .x = {.title = "aggregates", .text = count_text, .named_values = true},
                              .y = {.title = throughput, .text = count_text},
                              .names = "in flight",
                              .lines = lines_of(closed, "in_flight", "aggregates", "commands_per_second")}));
  s.sources.push_back(source_of(closed));
  to.push_back(std::move(s));
}

void add_latency(std::vector<section>& to, const std::vector<result>& closed) {
  section s{.heading = "Latency", .text = "From sending a command until its answer, in the same closed loop. All plots share a scale."};
  std::map<double, std::vector<result>> by_aggregates;
  axis y{.title = "until the answer", .text = duration_text};
  for (const auto& r : closed) {
    by_aggregates[r.number("aggregates")].push_back(r);
    y.also.insert(y.also.end(), {r.number("p50_us"), r.number("p99_us")});
  }
  for (const auto& [aggregates, of] : by_aggregates) {
    line_chart chart{.title = counted(aggregates, "aggregate"),
                     .x = {.title = in_flight, .text = count_text, .named_values = true},
                     .y = y,
                     .names = "",
                     .lines = {}};
    for (const auto& [name, key] : {std::pair{"p50", "p50_us"}, std::pair{"p99", "p99_us"}}) {
      chart.lines.push_back(lines_of(of, "aggregates", "in_flight", key).front());
      chart.lines.back().name = name;
    }
    s.figures.push_back(plot(chart));
  }
  s.sources.push_back(source_of(closed));
  to.push_back(std::move(s));
}

void add_open_loop(std::vector<section>& to, const std::vector<result>& open) {
  section s{.heading = "Latency at a rate",
            .text =
                "An open loop: commands are sent when they are due, whatever the answers do, and a latency counts from "
                "when its command was due."};
  dot_chart chart{.title = "Latency of an open loop", .x = {.title = "until the answer", .text = duration_text}, .rows = {}};
  for (const auto& r : open) {
    dot_row row{fmt::format("{}, {} a second", counted(r.number("aggregates"), "aggregate"), count_text(r.number("rate"))), {}};
    for (const auto& [name, key, colour] : {std::tuple{"p50", "p50_us", 0}, {"p99", "p99_us", 1}, {"longest", "max_us", 2}})
      row.dots.push_back({r.number(key), fmt::format("{} {}", name, duration_text(r.number(key))), static_cast<std::size_t>(colour)});
    if (r.has("overloaded") && r.number("overloaded") > 0) row.note = "overloaded " + count_text(r.number("overloaded"));
    chart.rows.push_back(std::move(row));
  }
  s.figures.push_back({chart.title, svg(chart)});
  s.sources.push_back(source_of(open));
  to.push_back(std::move(s));
}

void add_slices(std::vector<section>& to, const result& r) {
  const auto slices = r.rows("slices");
  const auto each = r.number("seconds") / static_cast<double>(slices.size());
  line answers{"longest answer", {}}, most_answers{"answers, p99", {}}, syncs{"longest sync", {}}, most_syncs{"syncs, p99", {}},
      late{"woken late", {}}, commands{"", {}};
  for (std::size_t i = 0; i < slices.size(); ++i) {
    const auto middle = (static_cast<double>(i) + 0.5) * each;
    commands.points.push_back({middle, r.number_in(slices[i], "commands_per_second")});
    answers.points.push_back({middle, r.number_in(slices[i], "max_us")});
    most_answers.points.push_back({middle, r.number_in(slices[i], "p99_us")});
    most_syncs.points.push_back({middle, r.number_in(slices[i], "disk_p99_us")});
    syncs.points.push_back({middle, r.number_in(slices[i], "disk_max_us")});
    late.points.push_back({middle, r.number_in(slices[i], "late_max_us")});
  }
  const axis time{.title = "seconds", .text = count_text, .linear = true, .also = {r.number("seconds")}};
  section s{.heading = fmt::format("{} seconds in {} parts", count_text(r.number("seconds")), slices.size()),
            .text = fmt::format(
                "{}, {}. Beside the commands, a thread makes a small write with an fdatasync every few "
                "milliseconds: it shows what the disk itself does, and how late the machine wakes it.",
                counted(r.number("aggregates"), "aggregate"),
                r.has("rate") ? count_text(r.number("rate")) + " commands a second" : count_text(r.number("in_flight")) + " commands in flight")};
  s.figures.push_back(plot({.title = "Throughput in each part",
                            .x = time,
                            .y = {.title = throughput, .text = count_text, .linear = true},
                            .names = "",
                            .lines = {commands}}));
  s.figures.push_back(plot({.title = "Answers, syncs and wake-ups in each part",
                            .x = time,
                            .y = {.title = "time", .text = duration_text},
                            .names = "",
                            .lines = {answers, most_answers, syncs, most_syncs, late}}));
  s.sources.push_back(source_of({r}));
  to.push_back(std::move(s));
}

}  // namespace

void add_commands_sections(std::vector<section>& to, const std::vector<result>& all) {
  const auto commands = only(all, "commands");
  const auto closed = only(commands, [](const result& r) { return !r.has("rate") && !r.has("slices"); });
  const auto open = only(commands, [](const result& r) { return r.has("rate") && !r.has("slices"); });
  if (!closed.empty()) add_throughput(to, closed);
  if (!closed.empty()) add_latency(to, closed);
  if (!open.empty()) add_open_loop(to, open);
  for (const auto& r : commands)
    if (!r.rows("slices").empty()) add_slices(to, r);
}

}  // namespace bench::report
