// How long what took: a count for each range of durations.
#pragma once

#include <annals/metrics.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace annals::connectors {

/// One thread at a time may use it. Its ranges are at most a quarter of their values wide, as metrics.hpp wants it.
class histogram {
public:
  void add(std::chrono::nanoseconds value);
  /// In seconds.
  metric_histogram read() const;
  static std::vector<double> bounds();

private:
  static constexpr std::size_t steps = 4;  // of each power of two
  std::array<std::uint64_t, 64 * steps> counts_{};
  std::uint64_t count_ = 0;
  std::uint64_t sum_ = 0;
};

}  // namespace annals::connectors
