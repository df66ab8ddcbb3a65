#include "benchmarks/report/report.hpp"

#include "benchmarks/must.hpp"
#include "benchmarks/report/measure.hpp"
#include "benchmarks/report/scale.hpp"
#include "benchmarks/report/sections.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <memory>

namespace bench::report {
namespace {

/// What readers want to know first, and what could mislead them.
std::vector<std::string> lead_of(const std::vector<result>& all) {
  std::vector<std::string> lead;
  const auto closed = only(all, [](const result& r) { return r.benchmark() == "commands" && !r.has("rate"); });
  const auto slower = [](const result& a, const result& b) { return a.number("commands_per_second") < b.number("commands_per_second"); };
  if (const auto best = std::max_element(closed.begin(), closed.end(), slower); best != closed.end())
    lead.push_back(
        fmt::format("The highest throughput here: {} commands a second, each on disk when it is answered, to {} with "
                    "{} in flight. Half of the answers took no longer than {}, 99 of 100 no longer than {}.",
                    count_text(best->number("commands_per_second")), counted(best->number("aggregates"), "aggregate"),
                    count_text(best->number("in_flight")), duration_text(best->number("p50_us")), duration_text(best->number("p99_us"))));
  lead.push_back(
      "Scales are logarithmic where values span more than a decade. The disk's own sync before and after each "
      "measurement shows how quiet the machine was.");
  if (const auto machines = source_of(all).machines.size(); machines > 1)
    lead.push_back(fmt::format("These results come from {} different machines or versions: compare with care.", machines));
  return lead;
}

void write(const std::filesystem::path& file, const std::string& text) {
  std::ofstream out{file};
  out << text;
  out.close();
  if (!out) fail("writing " + file.string());
}

}  // namespace

std::string page_of(const std::filesystem::path& results) {
  const auto all = read_results(results);
  std::vector<section> sections;
  add_commands_sections(sections, all);
  add_compare_sections(sections, all);
  add_shop_section(sections, all);
  add_reading_section(sections, all);
  add_memory_section(sections, all);
  add_limits_section(sections, all);
  add_every_figure(sections, all);
  return page("annals, measured", lead_of(all), sections);
}

std::filesystem::path write_report(const std::filesystem::path& results) {
  auto file = results / "report.html";
  write(file, page_of(results));
  return file;
}

}  // namespace bench::report
