// What a process manager has sent and has no answer to yet: observations, commands, answers told to instances, or timers. An answer
// carries the number of its request, and the number says which of these kinds it belongs to.
#pragma once

#include <annals/receipt.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

namespace annals::actors {

class requests {
public:
  using time_point = std::chrono::steady_clock::time_point;
  enum class kind : std::uint8_t { observation, attempt, telling, timer };

  explicit requests(kind of) : next_(kinds + static_cast<std::uint64_t>(of)) {}

  /// The kind of the request with this number.
  static kind kind_of(std::uint64_t number) { return static_cast<kind>(number % kinds); }

  /// A new number, never 0, for what is sent for the input at this position.
  std::uint64_t add(position at, time_point now) {
    const auto number = next_;
    next_ += kinds;
    pending_.emplace(number, pending{at, now});
    return number;
  }
  /// The position of the input; nothing if the request has been answered, or was sent again under another number.
  std::optional<position> find(std::uint64_t number) const {
    const auto found = pending_.find(number);
    return found == pending_.end() ? std::nullopt : std::optional{found->second.at};
  }
  void remove(std::uint64_t number) { pending_.erase(number); }
  std::size_t size() const { return pending_.size(); }

  /// The inputs of the requests that were sent before `when`, in position order.
  std::vector<position> sent_before(time_point when) const {
    std::vector<position> late;
    for (const auto& [number, one] : pending_)
      if (one.sent < when) late.push_back(one.at);
    std::sort(late.begin(), late.end());
    return late;
  }

private:
  static constexpr std::uint64_t kinds = 4;
  struct pending {
    position at;
    time_point sent;
  };
  std::uint64_t next_;
  std::unordered_map<std::uint64_t, pending> pending_;
};

}  // namespace annals::actors
