// What the machine itself shows while something else is measured: a thread that makes a small synced write and sleeps, over
// and over, and one on each processor that only sleeps. How long the write takes is the disk's doing; how late a thread wakes
// is that of who shares the processors, or of a host that has taken one away.
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <thread>
#include <utility>
#include <vector>

namespace bench {

class machine_probe {
public:
  using steady = std::chrono::steady_clock;
  struct part {
    double sync_p99_us = 0;
    double sync_max_us = 0;
    double late_max_us = 0;
    double stolen_ms = 0;  ///< that a host kept for itself, over all processors, as Linux counts it: in steps of 10 ms
  };

  explicit machine_probe(const std::filesystem::path& directory);
  machine_probe(const machine_probe&) = delete;
  machine_probe& operator=(const machine_probe&) = delete;
  /// What there was in each of so many parts of this time. Ends the probing.
  std::vector<part> in_parts(steady::time_point begin, steady::time_point end, std::size_t parts);

private:
  using series = std::vector<std::pair<steady::time_point, double>>;
  series syncs_us_;
  series stolen_ms_;           // since the machine was started
  std::vector<series> late_us_;  // of each processor
  std::vector<std::jthread> threads_;  // the last member: they write the others
};

}  // namespace bench
