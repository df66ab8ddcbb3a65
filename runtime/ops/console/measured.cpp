#include "ops/console/measured.hpp"

#include "telemetry/histogram.hpp"

#include <string>
#include <vector>

namespace annals::ops {
namespace {

using telemetry::histogram;

/// 8 µs to 34 s, four to each power of two, as the runtime counts them.
constexpr std::size_t first_bucket = histogram::bucket_of(std::uint64_t{1} << 13);
constexpr std::size_t last_bucket = histogram::bucket_of((std::uint64_t{1} << 35) - 1);

double bound_of(std::size_t bucket) { return static_cast<double>(histogram::end_of(bucket)) / 1e9; }

/// Sums up the series of a family whose first label has this value.
json total(const metrics& in, std::string_view family, std::string_view first) {
  const auto* found = in.find(family);
  if (!found) return nullptr;
  double all = 0;
  for (const auto& one : found->series)
    if (!one.labels.empty() && one.labels.front().value == first) all += one.value;
  return all;
}

}  // namespace

json number_of(const metrics& in, std::string_view family, std::initializer_list<std::string_view> labels) {
  const auto* found = in.find(family, labels);
  return found ? json(found->value) : json{};
}

json commands_json(const metrics& in) {
  const auto* found = in.find("annals_commands_total");
  if (!found) return nullptr;
  json all = json::object();
  for (const auto& one : found->series) {
    const auto& outcome = one.labels.back().value;
    all[outcome] = all.value(outcome, 0.0) + one.value;
  }
  return all;
}

json latency_json(const metrics& in) {
  const auto* found = in.find("annals_command_duration_seconds");
  if (!found) return nullptr;
  json bounds = json::array();
  std::vector<std::uint64_t> counts;
  double sum = 0;
  for (auto bucket = first_bucket; bucket <= last_bucket; ++bucket) {
    const auto bound = bound_of(bucket);
    std::uint64_t up_to = 0;
    for (const auto& one : found->series) up_to += one.histogram->count_up_to(bound);
    bounds.push_back(bound);
    counts.push_back(up_to);
  }
  std::uint64_t all = 0;
  for (const auto& one : found->series) {
    all += one.histogram->count;
    sum += one.histogram->sum;
  }
  counts.push_back(all);
  for (auto i = counts.size() - 1; i > 0; --i) counts[i] -= counts[i - 1];
  return {{"bounds", std::move(bounds)}, {"counts", std::move(counts)}, {"sum", sum}};
}

json events_of(const metrics& in, std::string_view kind, std::string_view name) {
  double all = 0;
  for (const auto* how : {"applied", "passed", "parked"}) {
    const auto* found = in.find("annals_follower_events_total", {kind, name, how});
    if (!found) return nullptr;
    all += found->value;
  }
  return all;
}

json batch_p99_of(const metrics& in, std::string_view kind, std::string_view name) {
  const auto* found = in.find("annals_follower_batch_duration_seconds", {kind, name});
  return found && found->histogram->count > 0 ? json(found->histogram->quantile(0.99)) : json{};
}

json queries_of(const metrics& in, std::string_view projection) { return total(in, "annals_queries_total", projection); }

}  // namespace annals::ops
