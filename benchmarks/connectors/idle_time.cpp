#include "benchmarks/connectors/idle_time.hpp"

#include <sched.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace bench {
namespace {

double used_by_this_thread() {
  timespec used{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) / 1e9;
}

/// In short pieces, as a thread that waits for events works.
void use(double processors, const std::stop_token& end) {
  using clock = std::chrono::steady_clock;
  constexpr double piece = 50e-6;
  be_idle();
  const auto began = clock::now();
  double used = used_by_this_thread();
  const auto before = used;
  while (!end.stop_requested()) {
    const auto due = processors * std::chrono::duration<double>(clock::now() - began).count();
    if (used - before < due) {
      for (const auto until = used + piece; used < until;) used = used_by_this_thread();
    } else {
      std::this_thread::sleep_for(std::chrono::microseconds{100});
    }
  }
}

}  // namespace

void be_idle() {
  const sched_param none{};
  (void)::sched_setscheduler(0, SCHED_IDLE, &none);
}

/// Fields 14, 15 and 41 of proc_pid_stat(5): user and system time in ticks, and the policy.
double idle_seconds() {
  constexpr int from = 3, user = 14, system = 15, policy = 41;
  long ticks = 0;
  std::error_code gone;
  for (const auto& task : std::filesystem::directory_iterator{"/proc/self/task", gone}) {
    std::ifstream file{task.path() / "stat"};
    std::string line;
    if (!std::getline(file, line)) continue;                      // it has ended meanwhile
    std::istringstream fields{line.substr(line.rfind(')') + 1)};  // a name may have spaces
    long used = 0;
    std::string value;
    for (int field = from; fields >> value; ++field) {
      if (field == user || field == system) used += std::stol(value);
      if (field == policy && value == std::to_string(SCHED_IDLE)) ticks += used;
    }
  }
  return static_cast<double>(ticks) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

idle_work::idle_work(double processors) {
  const auto count = std::max(1U, std::thread::hardware_concurrency());
  for (unsigned i = 0; i < count; ++i) threads_.emplace_back([each = processors / count](const std::stop_token& end) { use(each, end); });
}

}  // namespace bench
