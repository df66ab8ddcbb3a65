/// Figures over time: runtime::metrics(). docs/reference/metrics.md lists every one of them. annals::ops writes them for Prometheus.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace annals {

enum class metric_kind : std::uint8_t {
  counter,    ///< only grows while the runtime is open
  gauge,      ///< as of the call
  histogram,  ///< how often which value was seen, since open()
};

struct metric_label {
  std::string name;
  std::string value;
};

/// The values above the previous bucket's bound, up to and including this one's.
struct metric_bucket {
  double up_to = 0;
  std::uint64_t count = 0;
};

/// Buckets are at most a quarter of their value wide. Empty ones are left out; bounds ascend.
struct metric_histogram {
  std::uint64_t count = 0;
  double sum = 0;
  std::vector<metric_bucket> buckets;

  /// The number of values up to and including `bound`. Values of the bucket that has the bound in it are not counted.
  std::uint64_t count_up_to(double bound) const;
  /// The value that the share `q` (0 to 1) of all values does not exceed, as the bound of its bucket; 0 if there are no values.
  double quantile(double q) const;
};

/// One series.
struct metric {
  std::vector<metric_label> labels;           ///< in the order of its family
  double value = 0;                           ///< of a counter or gauge
  std::optional<metric_histogram> histogram;  ///< of a histogram
};

/// Durations are in seconds, sizes in bytes, points of time in seconds since 1970.
struct metric_family {
  std::string name;  ///< as Prometheus wants it: `annals_…`, with `_total` at the end of counters
  std::string help;
  metric_kind kind = metric_kind::gauge;
  std::vector<double> bounds;  ///< of a histogram: the buckets in which to export it
  std::vector<metric> series;  ///< all of them exist from the start, with 0
};

/// A copy; it holds nothing of the runtime.
struct metrics {
  std::vector<metric_family> families;

  /// Null if there is none of this name.
  const metric_family* find(std::string_view family) const;
  /// The series with these values of labels, in the order of the family; null if there is none.
  const metric* find(std::string_view family, std::initializer_list<std::string_view> label_values) const;
};

}  // namespace annals
