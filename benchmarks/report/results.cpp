#include "benchmarks/report/results.hpp"

#include "benchmarks/must.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <tuple>

namespace bench::report {
namespace {

constexpr std::array<std::string_view, 9> benchmarks{"commands", "shop", "replay", "query", "recover", "rehydrate", "memory", "compare", "limits"};

struct option {
  const char* key;
  const char* name;
};
constexpr std::array options{option{"aggregates", "--aggregates"},
                             option{"orders", "--orders"},
                             option{"events", "--events"},
                             option{"streams", "--streams"},
                             option{"long_streams", "--long-streams"},
                             option{"long_events", "--long-events"},
                             option{"rounds", "--rounds"},
                             option{"in_flight", "--in-flight"},
                             option{"rate", "--rate"},
                             option{"skus", "--skus"},
                             option{"lines", "--lines"},
                             option{"resident_max", "--resident"},
                             option{"seconds", "--seconds"},
                             option{"warm_up_seconds", "--warm-up"},
                             option{"slices", "--slices"},
                             option{"runs", "--runs"},
                             option{"seed", "--seed"}};

/// The value of a list is its length.
double value_of(const result& r, const char* key) { return r.all.at(key).is_array() ? static_cast<double>(r.all.at(key).size()) : r.number(key); }

result read(const std::filesystem::path& path) {
  std::ifstream in{path};
  result r{path.string(), path.filename().string(), figures::parse(in, nullptr, false)};
  const auto bad = [&](const char* why) { fail(r.file + ": " + why); };
  if (r.all.is_discarded()) bad("not JSON");
  if (!r.all.is_object() || !r.has("benchmark") || !r.all["benchmark"].is_string() || !r.has("machine") || !r.all["machine"].is_object())
    bad("not a result of annals-bench");
  if (std::find(benchmarks.begin(), benchmarks.end(), r.benchmark()) == benchmarks.end()) bad("a result of an unknown benchmark");
  return r;
}

auto order_of(const result& r) {
  const auto or_zero = [&](const char* key) { return r.has(key) ? value_of(r, key) : 0; };
  return std::tuple{std::find(benchmarks.begin(), benchmarks.end(), r.benchmark()) - benchmarks.begin(), or_zero("rate") > 0, or_zero("aggregates"),
                    or_zero("in_flight"), r.file};
}

}  // namespace

double result::number_in(const figures& object, const char* key) const {
  if (!object.is_object() || !object.contains(key) || !object[key].is_number()) fail(fmt::format("{}: no number {}", file, key));
  return object[key].get<double>();
}

std::string result::text_in(const figures& object, const char* key) const {
  if (!object.is_object() || !object.contains(key) || !object[key].is_string()) fail(fmt::format("{}: no text {}", file, key));
  return object[key].get<std::string>();
}

std::vector<figures> result::rows(const char* key) const {
  if (!has(key)) return {};
  std::vector<figures> found;
  if (!all[key].is_array()) fail(fmt::format("{}: no list {}", file, key));
  for (const auto& row : all[key]) {
    if (!row.is_object()) fail(fmt::format("{}: no list of objects {}", file, key));
    found.push_back(row);
  }
  return found;
}

std::optional<double> result::sync_p50_us(const char* limits) const {
  if (!has(limits)) return std::nullopt;
  return number_in(all[limits], "fdatasync_p50_us");
}

std::vector<result> read_results(const std::filesystem::path& directory) {
  std::error_code failed;
  std::filesystem::directory_iterator entries{directory, failed};
  if (failed) fail(directory.string() + ": " + failed.message());
  std::vector<result> found;
  for (const auto& entry : entries)
    if (entry.path().extension() == ".json") found.push_back(read(entry.path()));
  if (found.empty()) fail(directory.string() + ": no results here; `annals-bench … --json` prints one, --measure a grid of them");
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return order_of(a) < order_of(b); });
  return found;
}

std::vector<std::string> command_line(const std::vector<result>& of) {
  std::vector<std::string> line{"annals-bench " + of.front().benchmark()};
  for (const auto& [key, name] : options) {
    std::vector<double> values;
    for (const auto& r : of)
      if (r.has(key)) values.push_back(value_of(r, key));
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
    if (values.size() == 1) line.push_back(fmt::format("{} {}", name, values.front()));
    if (values.size() > 1) line.push_back(fmt::format("{} {{{}}}", name, fmt::join(values, ", ")));
  }
  return line;
}

bool is_parameter(std::string_view key) {
  return std::any_of(options.begin(), options.end(), [&](const option& o) { return o.key == key; });
}

}  // namespace bench::report
