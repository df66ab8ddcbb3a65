// Processor time at the lowest priority (SCHED_IDLE): how much of it threads of this process use, and threads that use as much and do nothing
// else. What commands lose beside those is the price of such time on this machine, whatever it is used for.
#pragma once

#include <chrono>
#include <stop_token>
#include <thread>
#include <vector>

namespace bench {

/// From now on the calling thread, and those that it begins, have the lowest priority.
void be_idle();

/// Processor time in seconds that the threads of the lowest priority in this process have used so far; of those that have not ended.
double idle_seconds();

/// How many processors they use, over all phases of a measurement.
class idle_meter {
public:
  void begin() { began_ = clock::now(), used_before_ = idle_seconds(); }
  /// Before the threads of this phase end.
  void end() {
    used_ += idle_seconds() - used_before_;
    seconds_ += std::chrono::duration<double>(clock::now() - began_).count();
  }
  /// Seconds of processor time in a second.
  double processors() const { return used_ / seconds_; }

private:
  using clock = std::chrono::steady_clock;
  clock::time_point began_;
  double used_before_ = 0, used_ = 0, seconds_ = 0;
};

/// Threads of the lowest priority that use so much processor time together, as far as they get it.
class idle_work {
public:
  /// `processors`: seconds of processor time in a second.
  explicit idle_work(double processors);
  ~idle_work();
  idle_work(const idle_work&) = delete;
  idle_work& operator=(const idle_work&) = delete;

private:
  std::vector<std::jthread> threads_;
};

}  // namespace bench
