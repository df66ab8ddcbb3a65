// Latencies in a log-linear histogram: 128 steps for each power of two, so that a percentile is within 0.8 % of the true value.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

namespace bench {

class histogram {
public:
  void add(std::uint64_t ns) {
    ++counts_[slot(ns)];
    ++total_;
    if (ns > max_) max_ = ns;
  }

  void add(const histogram& other) {
    for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
    total_ += other.total_;
    if (other.max_ > max_) max_ = other.max_;
  }

  /// In microseconds; 0 if empty.
  double percentile_us(double percent) const {
    auto left = static_cast<std::uint64_t>(static_cast<double>(total_) * percent / 100.0);
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      if (counts_[i] > left) return static_cast<double>(middle(i)) / 1000.0;
      left -= counts_[i];
    }
    return max_us();
  }
  double max_us() const { return static_cast<double>(max_) / 1000.0; }
  std::uint64_t total() const { return total_; }

private:
  static constexpr std::size_t steps = 128;

  static std::size_t slot(std::uint64_t ns) {
    if (ns < steps) return ns;
    const auto shift = static_cast<std::size_t>(std::bit_width(ns)) - 8;  // keeps the 8 highest bits
    return (shift + 1) * steps + ((ns >> shift) - steps);
  }
  static std::uint64_t middle(std::size_t slot) {
    if (slot < steps) return slot;
    const auto shift = slot / steps - 1;
    return ((slot % steps + steps) << shift) + ((std::uint64_t{1} << shift) >> 1);
  }

  std::array<std::uint64_t, 58 * steps> counts_{};
  std::uint64_t total_ = 0;
  std::uint64_t max_ = 0;
};

}  // namespace bench
