#include "benchmarks/connectors/idle_time.hpp"

#include <sched.h>
#include <time.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
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

double idle_seconds() {
  std::uint64_t all = 0;
  std::error_code gone;
  for (const auto& task : std::filesystem::directory_iterator{"/proc/self/task", gone}) {
    if (::sched_getscheduler(std::stoi(task.path().filename())) != SCHED_IDLE) continue;
    std::ifstream file{task.path() / "schedstat"};  // time on the processor in nanoseconds, and more
    if (std::uint64_t used = 0; file >> used) all += used;
  }
  return static_cast<double>(all) / 1e9;
}

idle_work::idle_work(double processors) {
  const auto count = std::max(1U, std::thread::hardware_concurrency());
  for (unsigned i = 0; i < count; ++i) threads_.emplace_back([each = processors / count](const std::stop_token& end) { use(each, end); });
}

idle_work::~idle_work() {
  for (auto& one : threads_) one.request_stop();
}

}  // namespace bench
