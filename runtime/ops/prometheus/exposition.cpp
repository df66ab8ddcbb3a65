// The text format is written by prometheus-cpp.
#include <annals/prometheus.hpp>

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <limits>
#include <utility>
#include <vector>

namespace annals {
namespace {

prometheus::MetricType type_of(metric_kind kind) {
  switch (kind) {
    case metric_kind::counter: return prometheus::MetricType::Counter;
    case metric_kind::histogram: return prometheus::MetricType::Histogram;
    case metric_kind::gauge: break;
  }
  return prometheus::MetricType::Gauge;
}

/// In the buckets of the family, which are coarser.
prometheus::ClientMetric::Histogram exported(const metric_histogram& from, const std::vector<double>& bounds) {
  prometheus::ClientMetric::Histogram to;
  to.sample_count = from.count;
  to.sample_sum = from.sum;
  to.bucket.reserve(bounds.size() + 1);
  for (const auto bound : bounds) to.bucket.push_back({from.count_up_to(bound), bound});
  to.bucket.push_back({from.count, std::numeric_limits<double>::infinity()});
  return to;
}

prometheus::ClientMetric exported(const metric& from, const metric_family& of) {
  prometheus::ClientMetric to;
  to.label.reserve(from.labels.size());
  for (const auto& label : from.labels) to.label.push_back({label.name, label.value});
  switch (of.kind) {
    case metric_kind::counter: to.counter.value = from.value; break;
    case metric_kind::gauge: to.gauge.value = from.value; break;
    case metric_kind::histogram: to.histogram = exported(*from.histogram, of.bounds); break;
  }
  return to;
}

std::vector<prometheus::MetricFamily> exported(const metrics& all) {
  std::vector<prometheus::MetricFamily> to;
  to.reserve(all.families.size());
  for (const auto& family : all.families) {
    auto& one = to.emplace_back();
    one.name = family.name;
    one.help = family.help;
    one.type = type_of(family.kind);
    one.metric.reserve(family.series.size());
    for (const auto& series : family.series) one.metric.push_back(exported(series, family));
  }
  return to;
}

class collectable final : public prometheus::Collectable {
public:
  explicit collectable(std::function<metrics()> read) : read_(std::move(read)) {}

  std::vector<prometheus::MetricFamily> Collect() const override {
    try {
      return exported(read_());
    } catch (...) {
      return {};
    }
  }

private:
  std::function<metrics()> read_;
};

}  // namespace

std::string prometheus_text(const metrics& all) { return prometheus::TextSerializer{}.Serialize(exported(all)); }

std::shared_ptr<prometheus::Collectable> prometheus_collectable(std::function<metrics()> read) {
  return std::make_shared<collectable>(std::move(read));
}

}  // namespace annals
