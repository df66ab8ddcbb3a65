// Reads the metrics of a runtime again and again, as a Prometheus that scrapes does, while something else is measured.
#pragma once

#include "benchmarks/histogram.hpp"

#include <annals/prometheus.hpp>
#include <annals/runtime.hpp>

#include <time.h>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>

namespace bench {

class scraper {
public:
  /// Every so often while it is on, until it is destroyed.
  scraper(const annals::runtime& of, std::chrono::milliseconds pause, bool is_on = true)
      : is_on_(is_on), thread_([this, &of, pause](const std::stop_token& end) {
          std::unique_lock lock{mutex_};
          while (!end.stop_requested()) {
            if (!changed_.wait(lock, end, [this] { return is_on_; })) return;
            const auto begin = std::chrono::steady_clock::now();
            bytes_ = annals::prometheus_text(of.metrics()).size();
            processor_ns_ = thread_processor_ns();
            times_.add(static_cast<std::uint64_t>(std::chrono::nanoseconds{std::chrono::steady_clock::now() - begin}.count()));
            changed_.wait_for(lock, end, pause, [this] { return !is_on_; });
          }
        }) {}

  /// On or off. Waits for a scrape that is under way.
  void turn(bool on) {
    const std::lock_guard lock{mutex_};
    is_on_ = on;
    changed_.notify_all();
  }

  /// Ends it. Call before the figures are read.
  void end() {
    thread_.request_stop();
    thread_.join();
  }
  std::uint64_t scrapes() const { return times_.total(); }
  double p99_us() const { return times_.percentile_us(99); }
  /// Of all scrapes together.
  double processor_seconds() const { return static_cast<double>(processor_ns_) / 1e9; }
  std::uint64_t bytes() const { return bytes_; }

private:
  static std::uint64_t thread_processor_ns() {
    timespec now{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<std::uint64_t>(now.tv_nsec);
  }

  histogram times_;
  std::uint64_t processor_ns_ = 0;
  std::uint64_t bytes_ = 0;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  bool is_on_;  // guarded by mutex_
  std::jthread thread_;
};

}  // namespace bench
