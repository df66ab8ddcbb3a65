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
      seen_.push_back({now, {us(took), us(steady::now() - now - pause)}});
    }
  }};
}

std::vector<machine_probe::longest> machine_probe::in_parts(steady::time_point begin, steady::time_point end, std::size_t parts) {
  thread_.request_stop();
  thread_.join();
  std::vector<longest> all(parts);
  for (const auto& [when, took] : seen_) {
    const auto part = std::chrono::duration<double>(when - begin) / std::chrono::duration<double>(end - begin) * static_cast<double>(parts);
    auto& slot = all[static_cast<std::size_t>(std::clamp(part, 0.0, static_cast<double>(parts - 1)))];
    slot.sync_us = std::max(slot.sync_us, took.sync_us);
    slot.late_us = std::max(slot.late_us, took.late_us);
  }
  return all;
}

}  // namespace bench
