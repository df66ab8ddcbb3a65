// How often which value was seen: 256 buckets, four to each power of two, so that a bucket is at most a quarter wide.
#pragma once

#include "telemetry/cells.hpp"

#include <array>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace annals::telemetry {

/// One writer at a time.
class histogram {
public:
  static constexpr std::size_t buckets = 256;

  void add(std::uint64_t value) {
    counts_[bucket_of(value)].add();
    sum_.add(value);
  }
  /// In nanoseconds; a negative duration counts as 0.
  void add(std::chrono::nanoseconds took) { add(static_cast<std::uint64_t>(took.count() > 0 ? took.count() : 0)); }

  std::uint64_t count(std::size_t bucket) const { return counts_[bucket].count(); }
  std::uint64_t sum() const { return sum_.count(); }

  /// The bucket that counts this value.
  static constexpr std::size_t bucket_of(std::uint64_t value) {
    if (value < 4) return static_cast<std::size_t>(value);
    const auto octave = static_cast<std::size_t>(std::bit_width(value)) - 1;
    return 4 * (octave - 1) + static_cast<std::size_t>((value >> (octave - 2)) & 3);
  }
  /// The smallest value above the bucket. 2^64 for the last one, as the largest number.
  static constexpr std::uint64_t end_of(std::size_t bucket) {
    if (bucket < 4) return bucket + 1;
    const auto octave = bucket / 4 + 1;
    const auto in_octave = bucket % 4 + 5;  // quarters of the octave's beginning, at its end
    const auto shift = octave - 2;
    if (octave == 63 && in_octave == 8) return ~std::uint64_t{0};
    return static_cast<std::uint64_t>(in_octave) << shift;
  }

private:
  std::array<counter, buckets> counts_;
  counter sum_;
};

}  // namespace annals::telemetry
