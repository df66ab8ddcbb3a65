#include "actors/subscriptions/settled_positions.hpp"

#include <algorithm>
#include <iterator>

namespace annals::actors {

bool settled_positions::contains(position at) const {
  if (at <= low_) return true;
  const auto after = runs_.upper_bound(at);
  return after != runs_.begin() && std::prev(after)->second >= at;
}

position settled_positions::next_open(position at) const {
  at = std::max(at, low_ + 1);
  const auto after = runs_.upper_bound(at);
  if (after == runs_.begin()) return at;
  return std::max(at, std::prev(after)->second + 1);
}

void settled_positions::add(position at) {
  if (contains(at)) return;
  const auto next = runs_.upper_bound(at);
  const bool meets_next = next != runs_.end() && next->first == at + 1;
  const auto last = meets_next ? next->second : at;
  if (meets_next) runs_.erase(next);
  if (at == low_ + 1) {
    ahead_ -= last - at;
    low_ = last;
    return;
  }
  ++ahead_;
  const auto before = runs_.upper_bound(at);
  if (before != runs_.begin() && std::prev(before)->second + 1 == at)
    std::prev(before)->second = last;
  else
    runs_.emplace_hint(before, at, last);
}

std::vector<std::uint64_t> settled_positions::runs() const {
  std::vector<std::uint64_t> numbers;
  numbers.reserve(2 * runs_.size());
  auto before = low_;
  for (const auto& [first, last] : runs_) {
    numbers.push_back(first - before - 1);
    numbers.push_back(last - first + 1);
    before = last;
  }
  return numbers;
}

result<settled_positions> settled_positions::of(position low, const std::vector<std::uint64_t>& runs) {
  const error wrong{errc::undecodable, "the runs of positions are malformed"};
  settled_positions made{low};
  if (runs.size() % 2 != 0) return wrong;
  auto before = low;
  for (std::size_t i = 0; i < runs.size(); i += 2) {
    const auto open = runs[i], settled = runs[i + 1];
    if (open == 0 || settled == 0 || open > ~before || settled > ~(before + open)) return wrong;
    made.runs_.emplace_hint(made.runs_.end(), before + open + 1, before + open + settled);
    made.ahead_ += settled;
    before += open + settled;
  }
  return made;
}

}  // namespace annals::actors
