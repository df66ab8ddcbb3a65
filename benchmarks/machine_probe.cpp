#include "benchmarks/machine_probe.hpp"

#include "benchmarks/limits.hpp"

#include <algorithm>
#include <memory>

namespace bench {
namespace {

double us(machine_probe::steady::duration d) { return std::chrono::duration<double, std::micro>(d).count(); }

}  // namespace

machine_probe::machine_probe(const std::filesystem::path& directory) {
  thread_ = std::jthread{[this, file = std::make_unique<synced_file>(directory / "probe", 4 << 10)](std::stop_token stop) {
    constexpr std::chrono::milliseconds pause{5};
    while (!stop.stop_requested()) {
      const auto took = file->write();
      const auto now = steady::now();
      std::this_thread::sleep_for(pause);
      seen_.push_back({now, us(took), us(steady::now() - now - pause)});
    }
  }};
}

std::vector<machine_probe::part> machine_probe::in_parts(steady::time_point begin, steady::time_point end, std::size_t parts) {
  thread_.request_stop();
  thread_.join();
  std::vector<part> all(parts);
  std::vector<std::vector<double>> syncs(parts);
  for (const auto& s : seen_) {
    const auto at = std::chrono::duration<double>(s.when - begin) / std::chrono::duration<double>(end - begin) * static_cast<double>(parts);
    const auto i = static_cast<std::size_t>(std::clamp(at, 0.0, static_cast<double>(parts - 1)));
    syncs[i].push_back(s.sync_us);
    all[i].late_max_us = std::max(all[i].late_max_us, s.late_us);
  }
  for (std::size_t i = 0; i < parts; ++i) {
    auto& sorted = syncs[i];
    if (sorted.empty()) continue;
    std::sort(sorted.begin(), sorted.end());
    all[i].sync_p99_us = sorted[(sorted.size() * 99 - 1) / 100];
    all[i].sync_max_us = sorted.back();
  }
  return all;
}

}  // namespace bench
