// annals-bench compare
#include "benchmarks/compare/compare.hpp"

#include "benchmarks/compare/engines.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>

namespace bench {
namespace {

figures row_of(const std::string& name, std::size_t in_flight, const compare::measured& m) {
  return {{"engine", name},
          {"in_flight", in_flight},
          {"commands", m.commands},
          {"events", m.events},
          {"commands_per_second", std::round(m.commands_per_second)},
          {"p50_us", rounded(m.p50_us)},
          {"p99_us", rounded(m.p99_us)}};
}

/// The run with the median throughput. Each run has a directory of its own, which is removed afterwards.
compare::measured median_run(const compare::contender& one, compare::work work, std::size_t runs) {
  std::vector<compare::measured> all;
  for (std::size_t i = 0; i < runs; ++i) {
    std::filesystem::create_directory(work.directory);
    all.push_back(one.measure(work));
    std::filesystem::remove_all(work.directory);
  }
  const auto middle = all.begin() + static_cast<std::ptrdiff_t>(runs / 2);
  std::nth_element(all.begin(), middle, all.end(),
                   [](const compare::measured& a, const compare::measured& b) { return a.commands_per_second < b.commands_per_second; });
  return *middle;
}

/// For each number in flight, measures all engines one after the other, so that ratios compare measurements close in time.
figures measure_all(const compare_options& with, const std::filesystem::path& directory) {
  auto results = figures::array(), notes = figures::array(), missing = figures::array();
  std::map<std::string, bool> known;  // whether the engine is available here
  auto work = with.work;
  for (const auto in_flight : with.in_flight) {
    work.in_flight = in_flight;
    std::map<std::string, double> measured;  // commands/s
    for (const auto& one : compare::contenders()) {
      const bool is_wanted = with.engines.empty() || std::find(with.engines.begin(), with.engines.end(), one.name) != with.engines.end();
      const auto seen = known.find(one.name);
      if (!is_wanted || (seen != known.end() && !seen->second)) continue;
      work.directory = directory / one.name;
      try {
        const auto m = median_run(one, work, with.runs);
        measured[one.name] = m.commands_per_second;
        results.push_back(row_of(one.name, in_flight, m));
        if (const auto of = measured.find(one.reference); of != measured.end())
          results.back()["ratio"] = std::round(1'000 * of->second / m.commands_per_second) / 1'000;
        if (seen == known.end())
          notes.push_back({{"engine", one.name}, {"version", m.version}, {"durability", one.durability}, {"ordering", one.ordering}});
        known[one.name] = true;
      } catch (const compare::left_out& why) {
        missing.push_back({{"engine", one.name}, {"because", why.what()}});
        known[one.name] = false;
        std::filesystem::remove_all(work.directory);
      }
    }
  }
  return {{"aggregates", work.aggregates},
          {"record_bytes", compare::record_bytes},
          {"seconds", work.seconds},
          {"seed", work.seed},
          {"runs", with.runs},
          {"results", results},
          {"engines", notes},
          {"left_out", missing}};
}

}  // namespace

std::vector<std::string> engine_names() {
  std::vector<std::string> names;
  for (const auto& c : compare::contenders()) names.push_back(c.name);
  return names;
}

figures compare_result(const compare_options& with) {
  return measured("compare", with.run, std::min(1.0, with.work.seconds),
                  [&](const std::filesystem::path& directory) { return measure_all(with, directory); });
}

}  // namespace bench
