// The commands that a process manager has sent and has no answer to yet, for its meters. Unlike in the outbox, a command stays here until
// its answer comes, even if its record was read before, or it was sent again meanwhile.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>

namespace annals::actors {

class unanswered_commands {
public:
  using time_point = std::chrono::steady_clock::time_point;
  struct command {
    std::size_t category = 0;  // of the target: aggregate_table::number
    time_point sent;
  };

  /// `number`: of its request, higher than all before.
  void add(std::uint64_t number, const command& one) {
    by_number_.emplace_hint(by_number_.end(), number, one);
    if (by_number_.size() > most) by_number_.erase(by_number_.begin());
  }
  /// The command with this number, which has its answer now. Nothing if it is not here.
  std::optional<command> take(std::uint64_t number) {
    const auto found = by_number_.extract(number);
    return found ? std::optional{found.mapped()} : std::nullopt;
  }

private:
  static constexpr std::size_t most = 65'536;  // the oldest ones were sent to aggregates that died: nobody answers them
  std::map<std::uint64_t, command> by_number_;
};

}  // namespace annals::actors
