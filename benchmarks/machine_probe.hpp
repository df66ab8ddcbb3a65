// What the machine does while something else is measured. One thread repeatedly makes a small synced write and sleeps; one thread for
// each processor only sleeps. The time of a write depends on the disk. How late a thread wakes depends on the processes that share the processors,
// or on a host that has taken one away.
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
    double stolen_ms = 0;  ///< taken by the host, over all processors, as Linux counts it: in steps of 10 ms
  };

  explicit machine_probe(const std::filesystem::path& directory);
  machine_probe(const machine_probe&) = delete;
  machine_probe& operator=(const machine_probe&) = delete;
  /// The figures of each of `parts` equal parts of this time. Ends the probing.
  std::vector<part> in_parts(steady::time_point begin, steady::time_point end, std::size_t parts);

private:
  using series = std::vector<std::pair<steady::time_point, double>>;
  series syncs_us_;
  series stolen_ms_;                   // since the machine was started
  std::vector<series> late_us_;        // of each processor
  std::vector<std::jthread> threads_;  // the last member: the threads write the others
};

}  // namespace bench
