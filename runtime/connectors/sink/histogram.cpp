#include "connectors/sink/histogram.hpp"

#include <bit>

namespace annals::connectors {

void histogram::add(std::chrono::nanoseconds value) {
  const auto n = static_cast<std::uint64_t>(value.count() > 0 ? value.count() : 0);
  ++count_;
  sum_ += n;
  if (n < steps) {
    ++counts_[n];
    return;
  }
  const auto power = static_cast<std::size_t>(std::bit_width(n)) - 1;
  ++counts_[(power - 1) * steps + ((n >> (power - 2)) & (steps - 1))];
}

metric_histogram histogram::read() const {
  metric_histogram made{count_, static_cast<double>(sum_) / 1e9, {}};
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    if (counts_[i] == 0) continue;
    const auto power = i / steps + 1;
    const auto last = i < steps ? std::uint64_t{i} : ((std::uint64_t{steps} + i % steps + 1) << (power - 2)) - 1;
    made.buckets.push_back({static_cast<double>(last) / 1e9, counts_[i]});
  }
  return made;
}

/// Those of runtime::metrics(): 16 µs to 17 s in steps of four.
std::vector<double> histogram::bounds() {
  std::vector<double> all;
  for (unsigned power = 14; power <= 34; power += 2) all.push_back(static_cast<double>(std::uint64_t{1} << power) / 1e9);
  return all;
}

}  // namespace annals::connectors
