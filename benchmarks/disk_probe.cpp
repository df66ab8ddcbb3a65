#include "benchmarks/disk_probe.hpp"

#include "benchmarks/limits.hpp"

#include <algorithm>
#include <memory>

namespace bench {

disk_probe::disk_probe(const std::filesystem::path& directory) {
  thread_ = std::jthread{[this, file = std::make_unique<synced_file>(directory / "probe", 4 << 10)](std::stop_token stop) {
    constexpr std::chrono::milliseconds pause{20};
    while (!stop.stop_requested()) {
      const auto took = file->write();
      seen_.emplace_back(steady::now(), std::chrono::duration<double, std::micro>(took).count());
      std::this_thread::sleep_for(pause);
    }
  }};
}

std::vector<double> disk_probe::longest_us(steady::time_point begin, steady::time_point end, std::size_t parts) {
  thread_.request_stop();
  thread_.join();
  std::vector<double> longest(parts);
  for (const auto& [when, us] : seen_) {
    const auto part = std::chrono::duration<double>(when - begin) / std::chrono::duration<double>(end - begin) * static_cast<double>(parts);
    auto& slot = longest[static_cast<std::size_t>(std::clamp(part, 0.0, static_cast<double>(parts - 1)))];
    slot = std::max(slot, us);
  }
  return longest;
}

}  // namespace bench
