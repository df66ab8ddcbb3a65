// The settled positions of a subscription: everything up to a low-water mark, and runs of positions above it. There are few runs:
// open events lie between any two of them, and the number of open events is bounded.
#pragma once

#include <annals/receipt.hpp>
#include <annals/result.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <string_view>
#include <vector>

namespace annals::actors {

class settled_positions {
public:
  settled_positions() = default;
  explicit settled_positions(position low) : low_(low) {}

  /// Everything up to here is settled.
  position low() const { return low_; }
  bool contains(position at) const;
  /// Adding a settled position changes nothing.
  void add(position at);
  /// The first position from `at` on that is not settled.
  position next_open(position at) const;
  /// The highest settled position.
  position high() const { return runs_.empty() ? low_ : runs_.rbegin()->second; }
  std::size_t run_count() const { return runs_.size(); }
  /// How many above low() are settled.
  std::uint64_t ahead() const { return ahead_; }

  /// As numbers, upward from low(): how many are open, how many are settled, how many are open …
  std::vector<std::uint64_t> runs() const;
  /// From what low() and runs() returned. Errors: undecodable.
  static result<settled_positions> of(position low, const std::vector<std::uint64_t>& runs);

private:
  position low_ = 0;
  std::uint64_t ahead_ = 0;
  std::map<position, position> runs_;  // first → last; they neither touch each other nor low_
};

}  // namespace annals::actors
