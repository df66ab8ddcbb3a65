// The offset between the wall clock, which can be set, and the steady clock, which cannot. It changes when the wall clock is set,
// by hand or by a time service that steps it.
#pragma once

#include <annals/detail/process_table.hpp>

#include <chrono>
#include <cstdlib>
#include <optional>

namespace annals::actors {

/// The sum, clamped to the range of a timestamp.
inline timestamp added(timestamp time, timestamp more) { return detail::due_at(time, std::chrono::microseconds{more}); }

class clock_offset {
public:
  /// Ignores changes smaller than `least`: the two clocks are read one after the other, so their offset varies a little.
  explicit clock_offset(timestamp least) : least_(least) {}

  /// How far the wall clock was set since the last reported change: forward, or back if negative. Nothing: it was not set.
  std::optional<timestamp> follow(timestamp now, timestamp steady) {
    const auto offset = added(now, -steady);
    if (offset_ && std::llabs(added(offset, -*offset_)) < least_) return std::nullopt;
    const auto before = offset_;
    offset_ = offset;
    return before ? std::optional{added(offset, -*before)} : std::nullopt;
  }
  /// The time of the steady clock when the wall clock shows `time`, at the current offset. Call follow() first.
  timestamp steady_at(timestamp time) const { return added(time, -*offset_); }

private:
  timestamp least_;
  std::optional<timestamp> offset_;  // wall clock minus steady clock
};

}  // namespace annals::actors
