// What the disk itself shows while something else is measured: now and then a small synced write beside it.
#pragma once

#include <chrono>
#include <filesystem>
#include <thread>
#include <utility>
#include <vector>

namespace bench {

class disk_probe {
public:
  using steady = std::chrono::steady_clock;

  explicit disk_probe(const std::filesystem::path& directory);
  disk_probe(const disk_probe&) = delete;
  disk_probe& operator=(const disk_probe&) = delete;
  /// The longest write in each of so many parts of this time, in microseconds. Ends the probing.
  std::vector<double> longest_us(steady::time_point begin, steady::time_point end, std::size_t parts);

private:
  std::vector<std::pair<steady::time_point, double>> seen_;
  std::jthread thread_;  // the last member: it writes the others
};

}  // namespace bench
