// How far the clock that may be set is from the one that nobody sets. It changes when the clock is set, by hand or by a time
// service that steps it.
#pragma once

#include <annals/detail/process_table.hpp>

#include <chrono>
#include <cstdlib>
#include <optional>

namespace annals::actors {

/// At the ends of what a timestamp can say.
inline timestamp added(timestamp time, timestamp more) { return detail::due_at(time, std::chrono::microseconds{more}); }

class clock_offset {
public:
  /// Smaller changes are what reading two clocks after each other comes to.
  explicit clock_offset(timestamp least) : least_(least) {}

  /// By how much the clock has been set since the last time: forward, or back when it is negative.
  std::optional<timestamp> follow(timestamp now, timestamp steady) {
    const auto offset = added(now, -steady);
    if (offset_ && std::llabs(added(offset, -*offset_)) < least_) return std::nullopt;
    const auto before = offset_;
    offset_ = offset;
    return before ? std::optional{added(offset, -*before)} : std::nullopt;
  }
  /// When it will be this time, as the clocks are now; after follow().
  timestamp steady_at(timestamp time) const { return added(time, -*offset_); }

private:
  timestamp least_;
  std::optional<timestamp> offset_;  // what the clock shows more than the steady one
};

}  // namespace annals::actors
