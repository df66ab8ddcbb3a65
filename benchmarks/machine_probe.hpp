// What the machine itself shows while something else is measured: a thread that makes a small synced write and sleeps, over
// and over. How long the write takes is the disk's doing; how late the thread wakes is that of who shares the processors.
#pragma once

#include <chrono>
#include <filesystem>
#include <thread>
#include <vector>

namespace bench {

class machine_probe {
public:
  using steady = std::chrono::steady_clock;
  struct part {
    double sync_p99_us = 0;
    double sync_max_us = 0;
    double late_max_us = 0;
  };

  explicit machine_probe(const std::filesystem::path& directory);
  machine_probe(const machine_probe&) = delete;
  machine_probe& operator=(const machine_probe&) = delete;
  /// What there was in each of so many parts of this time. Ends the probing.
  std::vector<part> in_parts(steady::time_point begin, steady::time_point end, std::size_t parts);

private:
  struct sample {
    steady::time_point when;
    double sync_us;
    double late_us;
  };
  std::vector<sample> seen_;
  std::jthread thread_;  // the last member: it writes the others
};

}  // namespace bench
