// Deposits into accounts, and how long each takes: in a closed loop, or at a fixed rate.
#pragma once

#include "benchmarks/histogram.hpp"

#include <annals/remote.hpp>
#include <annals/runtime.hpp>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <vector>

namespace bench {

/// What was answered during one part of the time.
struct load_slice {
  histogram times;  // from sending to the answer, of accepted commands
  std::uint64_t overloaded = 0;
};

class load {
public:
  /// Each record gets `filler_bytes` more.
  load(annals::runtime& on, std::size_t aggregates, std::uint64_t seed, std::size_t filler_bytes = 0);
  /// On another node; its handle gives each command an id.
  load(annals::remote& on, std::size_t aggregates, std::uint64_t seed, std::size_t filler_bytes = 0);
  void open_accounts();

  /// One in so many commands brings a trace that is sampled, while trace() says so. Call before a loop.
  void trace_one_in(std::uint64_t commands) { trace_one_in_ = commands; }
  /// Thread-safe.
  void trace(bool on) { is_tracing_.store(on, std::memory_order_relaxed); }

  /// Keeps `in_flight` commands under way for `seconds`: each answer sends the next. Returns the seconds until the last
  /// answer.
  double closed_loop(std::size_t in_flight, double seconds, std::size_t slices = 1);

  /// Sends at this rate for `seconds`, no matter how fast the answers come. A latency counts from the time when the command was due, so
  /// it includes any delay of the sender itself. `overloaded` is an answer, and is counted.
  double open_loop(double commands_per_second, double seconds, std::size_t slices = 1);

  /// The slices of the last loop.
  const std::vector<load_slice>& slices() const { return slices_; }

private:
  using steady = std::chrono::steady_clock;
  void begin(double seconds, std::size_t slices);
  double wait_for_answers();
  void send_next(steady::time_point due);
  void take(steady::time_point due, const annals::result<annals::receipt>& answer);

  annals::node& on_;
  const annals::runtime* here_ = nullptr;  // `on_`, if it is in this process
  std::vector<std::string> keys_;
  const std::uint64_t seed_;
  const std::string filler_;
  std::atomic<std::uint64_t> next_{0};
  std::uint64_t trace_one_in_ = 0;
  std::atomic<bool> is_tracing_{false};
  bool sends_on_answer_ = false;
  steady::time_point began_;
  steady::time_point end_;
  std::mutex mutex_;
  std::condition_variable ended_;
  std::vector<load_slice> slices_;  // guarded by mutex_
  std::uint64_t left_ = 0;          // in flight; guarded by mutex_
};

}  // namespace bench
