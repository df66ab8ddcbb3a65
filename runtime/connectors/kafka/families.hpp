// Families of metrics with one label for who it is: the name of a relay, the group of an intake.
#pragma once

#include <annals/metrics.hpp>

#include <initializer_list>
#include <string>
#include <utility>

namespace annals::kafka {

class families {
public:
  families(std::string label, std::string value) : label_(std::move(label)), value_(std::move(value)) {}

  void gauge(std::string name, std::string help, double value) { add(std::move(name), std::move(help), metric_kind::gauge, value); }
  void counter(std::string name, std::string help, double value) { add(std::move(name), std::move(help), metric_kind::counter, value); }
  /// One series for each outcome.
  void outcomes(std::string name, std::string help, std::initializer_list<std::pair<const char*, double>> all) {
    metric_family made{std::move(name), std::move(help), metric_kind::counter, {}, {}};
    for (const auto& [outcome, value] : all) made.series.push_back({{{label_, value_}, {"outcome", outcome}}, value, std::nullopt});
    made_.families.push_back(std::move(made));
  }
  annals::metrics made() { return std::move(made_); }

private:
  void add(std::string name, std::string help, metric_kind kind, double value) {
    made_.families.push_back({std::move(name), std::move(help), kind, {}, {{{{label_, value_}}, value, std::nullopt}}});
  }

  const std::string label_;
  const std::string value_;
  annals::metrics made_;
};

}  // namespace annals::kafka
