// What a snapshot of metrics says.
#pragma once

#include <annals/metrics.hpp>

#include <initializer_list>
#include <stdexcept>
#include <string_view>

namespace kafka_test {

/// Throws if there is no such series.
inline double value_of(const annals::metrics& in, std::string_view family, std::initializer_list<std::string_view> labels) {
  const auto* found = in.find(family, labels);
  if (found == nullptr) throw std::runtime_error("no series of " + std::string{family});
  return found->value;
}

}  // namespace kafka_test
