#include "benchmarks/run.hpp"

#include "benchmarks/limits.hpp"
#include "benchmarks/machine.hpp"
#include "benchmarks/numbers.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>

namespace bench {
namespace {

/// Prints a list of objects with equal keys as a table with one line for each.
void print_rows(const figures& rows) {
  std::vector<std::string> keys;
  for (const auto& [key, unused] : rows.front().items()) keys.push_back(key);
  std::vector<std::size_t> widths;
  for (const auto& key : keys) {
    auto width = key.size();
    for (const auto& row : rows) width = std::max(width, row.contains(key) ? text_of(row[key]).size() : 0);
    widths.push_back(width);
  }
  const auto print_cell = [&](const std::string& text, std::size_t i) {
    if (rows.front()[keys[i]].is_string())
      fmt::print("  {:<{}}", text, widths[i]);
    else
      fmt::print("  {:>{}}", text, widths[i]);
  };
  for (std::size_t i = 0; i < keys.size(); ++i) print_cell(keys[i], i);
  fmt::print("\n");
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < keys.size(); ++i) print_cell(row.contains(keys[i]) ? text_of(row[keys[i]]) : "", i);
    fmt::print("\n");
  }
}

void print_text(const figures& all) {
  fmt::print("annals-bench {}\n", all.at("benchmark").get<std::string>());
  for (const auto& [key, value] : all.items()) {
    if (key == "benchmark") continue;
    if (value.is_array() && !value.empty() && value.front().is_object()) {
      fmt::print("  {}\n", key);
      print_rows(value);
    } else if (value.is_object()) {
      fmt::print("  {}\n", key);
      for (const auto& [inner, of_it] : value.items()) fmt::print("    {:<34}{:>20}\n", inner, text_of(of_it));
    } else {
      fmt::print("  {:<36}{:>20}\n", key, text_of(value));
    }
  }
}

}  // namespace

work_directory::work_directory(const std::string& parent) {
  auto name = (std::filesystem::absolute(parent) / "annals-bench-XXXXXX").string();
  if (!::mkdtemp(name.data())) {
    std::perror(("annals-bench: a directory for the run in " + parent).c_str());
    std::exit(1);
  }
  path_ = name;
}

work_directory::~work_directory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

figures measured(std::string_view name, const run_options& with, double limit_seconds, const measurement& measure) {
  const work_directory place{with.directory};
  figures all{{"benchmark", name}};
  const auto before = measure_limits(place.path(), limit_seconds);
  all.update(measure(place.path()));
  all["limits_before"] = before;
  all["limits_after"] = measure_limits(place.path(), limit_seconds);
  all["machine"] = machine(place.path());
  return all;
}

void run(std::string_view name, const run_options& with, double limit_seconds, const measurement& measure) {
  print(with, measured(name, with, limit_seconds, measure));
}

void print(const run_options& with, const figures& all) {
  if (with.json)
    fmt::print("{}\n", all.dump());
  else
    print_text(all);
}

double rounded(double figure) { return std::round(figure * 10) / 10; }

}  // namespace bench
