#include "benchmarks/in_turn.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <thread>
#include <vector>

namespace bench {
namespace {

bool is_on(std::size_t slice) {
  const auto of_block = slice % slices_of_a_block;
  return of_block == 1 || of_block == 2;
}

/// Processor time of this process so far, in seconds: of all threads, in user and kernel mode.
double processor_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6; };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double median(std::vector<double> of) {
  std::sort(of.begin(), of.end());
  return of[of.size() / 2];
}

/// The logarithms of the blocks' ratios, without the lowest and the highest tenth.
std::vector<double> trimmed(std::vector<double> all) {
  std::sort(all.begin(), all.end());
  const auto cut = static_cast<std::ptrdiff_t>(all.size() / 10);
  return {all.begin() + cut, all.end() - cut};
}

/// How much the slices that are on differ from the others of their block, over all blocks.
struct compared {
  double ratio = 1;
  double error = 0;  ///< of its logarithm
};

compared compare(const std::vector<double>& of_slices) {
  std::vector<double> logs;
  for (std::size_t at = 0; at < of_slices.size(); at += slices_of_a_block)
    logs.push_back(std::log((of_slices[at + 1] + of_slices[at + 2]) / (of_slices[at] + of_slices[at + 3])));
  const auto kept = trimmed(logs);
  const auto count = static_cast<double>(kept.size());
  const auto mean = std::accumulate(kept.begin(), kept.end(), 0.0) / count;
  double squares = 0;
  for (const auto each : kept) squares += (each - mean) * (each - mean);
  return {std::exp(mean), count > 1 ? std::sqrt(squares / (count - 1) / count) : 0};
}

double rounded_ratio(double ratio) { return std::round(10'000 * ratio) / 10'000; }

}  // namespace

figures measure_in_turn(load& work, const in_turn_options& with, const std::function<void(bool)>& turn) {
  const auto slices = with.blocks * slices_of_a_block;
  std::vector<double> used;  // processor time at the beginning of each slice, and at the end of the last
  std::jthread turning{[&] {
    const auto began = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i <= slices; ++i) {
      std::this_thread::sleep_until(began + std::chrono::duration<double>(with.slice_seconds * static_cast<double>(i)));
      used.push_back(processor_seconds());
      turn(i < slices && is_on(i));
    }
  }};
  work.closed_loop(with.in_flight, with.slice_seconds * static_cast<double>(slices), slices);
  turning.join();

  std::vector<double> rates, costs, on, off;
  for (std::size_t i = 0; i < slices; ++i) {
    const auto commands = std::max(1.0, static_cast<double>(work.slices()[i].times.total()));
    rates.push_back(commands / with.slice_seconds);
    costs.push_back((used[i + 1] - used[i]) / commands);
    (is_on(i) ? on : off).push_back(rates.back());
  }
  const auto rate = compare(rates);
  const auto cost = compare(costs);
  return {
      {"off_per_second", std::round(median(off))},       {"on_per_second", std::round(median(on))},          {"ratio", rounded_ratio(rate.ratio)},
      {"ratio_error", rounded_ratio(2 * rate.error)},    {"cpu_us", std::round(1e9 * median(costs)) / 1000}, {"cpu_ratio", rounded_ratio(cost.ratio)},
      {"cpu_ratio_error", rounded_ratio(2 * cost.error)}};
}

}  // namespace bench
