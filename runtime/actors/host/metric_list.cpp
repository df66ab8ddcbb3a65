#include "actors/host/metric_list.hpp"

#include <array>

namespace annals::detail {
namespace {

// The bounds in which histograms are exported: 16 µs to 17 s, and 1 to 65,535, in steps of about four.
constexpr std::array<unsigned, 11> duration_bounds{14, 16, 18, 20, 22, 24, 26, 28, 30, 32, 34};
constexpr std::array<unsigned, 9> size_bounds{1, 2, 4, 6, 8, 10, 12, 14, 16};

}  // namespace

family_builder::family_builder(metrics& into, metric_kind kind, std::string_view name, std::string_view help) {
  family_ = &into.families.emplace_back();
  family_->name = name;
  family_->help = help;
  family_->kind = kind;
  if (kind == metric_kind::histogram)
    for (const auto power : duration_bounds) family_->bounds.push_back(static_cast<double>(std::uint64_t{1} << power) / 1e9);
}

metric& family_builder::add(label_list labels) {
  auto& one = family_->series.emplace_back();
  one.labels.reserve(labels.size());
  for (const auto& [name, value] : labels) one.labels.push_back({std::string{name}, std::string{value}});
  return one;
}

family_builder& family_builder::number(label_list labels, double value) {
  add(labels).value = value;
  return *this;
}

family_builder& family_builder::histogram(label_list labels, const std::vector<const telemetry::histogram*>& all, bool is_duration) {
  auto& made = add(labels).histogram.emplace();
  const double unit = is_duration ? 1e9 : 1;
  for (std::size_t i = 0; i < telemetry::histogram::buckets; ++i) {
    std::uint64_t count = 0;
    for (const auto* one : all) count += one->count(i);
    if (count == 0) continue;
    made.count += count;
    // A bound is inclusive: the largest whole number in the bucket. Between nanoseconds there is nothing.
    const auto end = telemetry::histogram::end_of(i);
    made.buckets.push_back({static_cast<double>(is_duration ? end : end - 1) / unit, count});
  }
  for (const auto* one : all) made.sum += static_cast<double>(one->sum()) / unit;
  return *this;
}

family_builder& family_builder::durations(label_list labels, const std::vector<const telemetry::histogram*>& all) {
  return histogram(labels, all, true);
}

family_builder& family_builder::sizes(label_list labels, const std::vector<const telemetry::histogram*>& all) {
  family_->bounds.clear();
  for (const auto power : size_bounds) family_->bounds.push_back(static_cast<double>((std::uint64_t{1} << power) - 1));
  return histogram(labels, all, false);
}

}  // namespace annals::detail
