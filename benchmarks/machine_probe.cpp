#include "benchmarks/machine_probe.hpp"

#include "benchmarks/limits.hpp"

#include <pthread.h>
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <memory>
#include <string>

namespace bench {
namespace {

double us(machine_probe::steady::duration d) { return std::chrono::duration<double, std::micro>(d).count(); }

/// The eighth figure of the first line of /proc/stat: see proc(5).
double stolen_ms() {
  std::ifstream stat{"/proc/stat"};
  std::string name;
  double ticks = 0;
  stat >> name;
  for (int i = 0; i < 8; ++i) stat >> ticks;
  return stat ? 1e3 * ticks / static_cast<double>(::sysconf(_SC_CLK_TCK)) : 0;
}

void stay_on(std::size_t processor) {
  cpu_set_t only;
  CPU_ZERO(&only);
  CPU_SET(processor, &only);
  ::pthread_setaffinity_np(::pthread_self(), sizeof only, &only);  // if that is not allowed, the thread runs anywhere
}

}  // namespace

machine_probe::machine_probe(const std::filesystem::path& directory) : late_us_(std::max(1u, std::thread::hardware_concurrency())) {
  static constexpr std::chrono::milliseconds sync_pause{5}, sleep{2};
  threads_.emplace_back([this, file = std::make_unique<synced_file>(directory / "probe", 4 << 10)](std::stop_token stop) {
    while (!stop.stop_requested()) {
      const auto took = file->write();
      syncs_us_.emplace_back(steady::now(), us(took));
      std::this_thread::sleep_for(sync_pause);
    }
  });
  for (std::size_t i = 0; i < late_us_.size(); ++i)
    threads_.emplace_back([this, i](std::stop_token stop) {
      constexpr std::size_t seldom = 50;
      stay_on(i);
      for (std::size_t n = 0; !stop.stop_requested(); ++n) {
        if (i == 0 && n % seldom == 0) stolen_ms_.emplace_back(steady::now(), stolen_ms());
        const auto now = steady::now();
        std::this_thread::sleep_for(sleep);
        late_us_[i].emplace_back(now, us(steady::now() - now - sleep));
      }
    });
}

std::vector<machine_probe::part> machine_probe::in_parts(steady::time_point begin, steady::time_point end, std::size_t parts) {
  for (auto& one : threads_) one.request_stop();
  threads_.clear();
  std::vector<part> all(parts);
  const auto number = [&](steady::time_point when) {
    const auto at = std::chrono::duration<double>(when - begin) / std::chrono::duration<double>(end - begin) * static_cast<double>(parts);
    return static_cast<std::size_t>(std::clamp(at, 0.0, static_cast<double>(parts - 1)));
  };
  std::vector<std::vector<double>> syncs(parts);
  for (const auto& [when, took] : syncs_us_) syncs[number(when)].push_back(took);
  for (std::size_t i = 0; i < parts; ++i) {
    auto& sorted = syncs[i];
    if (sorted.empty()) continue;
    std::sort(sorted.begin(), sorted.end());
    all[i].sync_p99_us = sorted[(sorted.size() * 99 - 1) / 100];
    all[i].sync_max_us = sorted.back();
  }
  for (const auto& processor : late_us_)
    for (const auto& [when, late] : processor) all[number(when)].late_max_us = std::max(all[number(when)].late_max_us, late);
  for (std::size_t i = 1; i < stolen_ms_.size(); ++i) all[number(stolen_ms_[i].first)].stolen_ms += stolen_ms_[i].second - stolen_ms_[i - 1].second;
  return all;
}

}  // namespace bench
