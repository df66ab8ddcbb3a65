// Processor time at the lowest priority (SCHED_IDLE): how much of it threads of this process use, and threads that use as much and do nothing
// else. What commands lose beside those is the price of such time on this machine, whatever it is used for.
#pragma once

#include <stop_token>
#include <thread>
#include <vector>

namespace bench {

/// From now on the calling thread, and those that it begins, have the lowest priority.
void be_idle();

/// What the threads of this process that have the lowest priority have used so far, in seconds; of those that have not ended.
double idle_seconds();

/// Threads of the lowest priority that use so much processor time together, as far as they get it.
class idle_work {
public:
  /// `processors`: seconds of processor time in a second.
  explicit idle_work(double processors);

private:
  std::vector<std::jthread> threads_;
};

}  // namespace bench
