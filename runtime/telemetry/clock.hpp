// The clock by which durations are measured.
#pragma once

#include <chrono>

namespace annals::telemetry {

using clock = std::chrono::steady_clock;
using instant = clock::time_point;

/// Runs from its construction.
class stopwatch {
public:
  std::chrono::nanoseconds elapsed() const { return clock::now() - begun_; }

private:
  instant begun_ = clock::now();
};

}  // namespace annals::telemetry
