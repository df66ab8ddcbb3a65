// How often an event has failed, and what follows: another attempt after a pause, or the end of the attempts.
#pragma once

#include <annals/parked.hpp>
#include <annals/receipt.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <set>
#include <utility>

namespace annals::actors {

struct after_failure {
  enum class step : std::uint8_t { try_again, park, stop };
  step next = step::try_again;
  std::chrono::milliseconds pause{0};  ///< before the next attempt
};

/// What the policy says after this many failed attempts; `attempts` is at least 1. Each pause is twice the one before, up to 10 s.
after_failure next_step(const failure_policy& policy, std::uint32_t attempts);

/// Counts the failed attempts of each event that is being tried.
class attempts {
public:
  explicit attempts(const failure_policy& policy) : policy_(policy) {}

  struct failed_attempt {
    std::uint32_t count = 0;
    after_failure after;
  };
  /// Counts one failed attempt. After the last one the event is forgotten.
  failed_attempt failed(position at);
  /// The event was handled, or is not tried any more.
  void forget(position at) { counts_.erase(at); }
  bool empty() const { return counts_.empty(); }
  /// These events have used up their attempts in an earlier run: one is left to each.
  void leave_one(std::set<position> which) { spent_ = std::move(which); }

private:
  failure_policy policy_;
  std::map<position, std::uint32_t> counts_;
  std::set<position> spent_;
};

}  // namespace annals::actors
