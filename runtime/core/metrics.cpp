// What can be asked of a snapshot of metrics.
#include <annals/metrics.hpp>

#include <algorithm>
#include <cmath>

namespace annals {

std::uint64_t metric_histogram::count_up_to(double bound) const {
  std::uint64_t so_far = 0;
  for (const auto& one : buckets) {
    if (one.up_to > bound) break;
    so_far += one.count;
  }
  return so_far;
}

double metric_histogram::quantile(double q) const {
  const auto wanted = std::ceil(std::clamp(q, 0.0, 1.0) * static_cast<double>(count));
  std::uint64_t so_far = 0;
  for (const auto& one : buckets) {
    so_far += one.count;
    if (static_cast<double>(so_far) >= wanted) return one.up_to;
  }
  return 0;
}

const metric_family* metrics::find(std::string_view family) const {
  const auto found = std::find_if(families.begin(), families.end(), [&](const metric_family& one) { return one.name == family; });
  return found == families.end() ? nullptr : &*found;
}

const metric* metrics::find(std::string_view family, std::initializer_list<std::string_view> label_values) const {
  const auto* all = find(family);
  if (!all) return nullptr;
  const auto found = std::find_if(all->series.begin(), all->series.end(), [&](const metric& one) {
    return std::equal(one.labels.begin(), one.labels.end(), label_values.begin(), label_values.end(),
                      [](const metric_label& label, std::string_view value) { return label.value == value; });
  });
  return found == all->series.end() ? nullptr : &*found;
}

}  // namespace annals
