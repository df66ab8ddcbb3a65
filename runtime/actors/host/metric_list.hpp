// Builds what runtime::metrics() returns: families of series, from cells.
#pragma once

#include "actors/base/meters.hpp"

#include <annals/metrics.hpp>

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace annals::detail {

using label = std::pair<std::string_view, std::string_view>;
using label_list = std::initializer_list<label>;

/// Builds one family. Each call adds a series.
class family_builder {
public:
  family_builder(metrics& into, metric_kind kind, std::string_view name, std::string_view help);

  family_builder& number(label_list labels, double value);
  family_builder& count(label_list labels, std::uint64_t value) { return number(labels, static_cast<double>(value)); }
  family_builder& count(label_list labels, const telemetry::counter& cell) { return count(labels, cell.count()); }
  family_builder& count(label_list labels, const telemetry::shared_counter& cell) { return count(labels, cell.count()); }
  family_builder& count(label_list labels, const telemetry::gauge& cell) { return count(labels, cell.number()); }
  /// Cells in nanoseconds and in microseconds, shown in seconds.
  family_builder& nanoseconds(label_list labels, const telemetry::gauge& cell) { return number(labels, static_cast<double>(cell.number()) / 1e9); }
  family_builder& microseconds(label_list labels, const telemetry::gauge& cell) { return number(labels, static_cast<double>(cell.number()) / 1e6); }
  /// Several histograms of nanoseconds, shown as one in seconds.
  family_builder& durations(label_list labels, const std::vector<const telemetry::histogram*>& all);
  /// The same of numbers.
  family_builder& sizes(label_list labels, const std::vector<const telemetry::histogram*>& all);

private:
  family_builder& histogram(label_list labels, const std::vector<const telemetry::histogram*>& all, bool is_duration);
  metric& add(label_list labels);

  metric_family* family_;
};

}  // namespace annals::detail
