#include "actors/subscriptions/settled_positions.hpp"

#include <algorithm>
#include <iterator>

namespace annals::actors {

bool settled_positions::contains(position at) const {
  if (at <= low_) return true;
  const auto behind = runs_.upper_bound(at);
  return behind != runs_.begin() && std::prev(behind)->second >= at;
}

position settled_positions::next_open(position at) const {
  at = std::max(at, low_ + 1);
  const auto behind = runs_.upper_bound(at);
  if (behind == runs_.begin()) return at;
  return std::max(at, std::prev(behind)->second + 1);
}

void settled_positions::add(position at) {
  if (contains(at)) return;
  const auto next = runs_.upper_bound(at);
  const bool meets_next = next != runs_.end() && next->first == at + 1;
  const auto last = meets_next ? next->second : at;
  if (meets_next) runs_.erase(next);
  if (at == low_ + 1) {
    low_ = last;
    return;
  }
  const auto before = runs_.upper_bound(at);
  if (before != runs_.begin() && std::prev(before)->second + 1 == at)
    std::prev(before)->second = last;
  else
    runs_.emplace_hint(before, at, last);
}

std::vector<std::uint64_t> settled_positions::runs() const {
  std::vector<std::uint64_t> numbers;
  numbers.reserve(2 * runs_.size());
  auto behind = low_;
  for (const auto& [first, last] : runs_) {
    numbers.push_back(first - behind - 1);
    numbers.push_back(last - first + 1);
    behind = last;
  }
  return numbers;
}

result<settled_positions> settled_positions::of(position low, const std::vector<std::uint64_t>& runs) {
  const error wrong{errc::undecodable, "runs of positions that are none"};
  settled_positions made{low};
  if (runs.size() % 2 != 0) return wrong;
  auto behind = low;
  for (std::size_t i = 0; i < runs.size(); i += 2) {
    const auto open = runs[i], settled = runs[i + 1];
    if (open == 0 || settled == 0 || open > ~behind || settled > ~(behind + open)) return wrong;
    made.runs_.emplace_hint(made.runs_.end(), behind + open + 1, behind + open + settled);
    behind += open + settled;
  }
  return made;
}

}  // namespace annals::actors
