#include "actors/dead_letters/lanes.hpp"

#include <utility>

namespace annals::actors {

void lanes::insert(position at, std::string_view lane) {
  std::string name{lane};  // copied first: it may be the name that erase() frees
  erase(at);
  by_lane_[name].insert(at);
  by_position_.emplace(at, std::move(name));
}

void lanes::erase(position at) {
  const auto found = by_position_.find(at);
  if (found == by_position_.end()) return;
  const auto lane = by_lane_.find(found->second);
  lane->second.erase(at);
  if (lane->second.empty()) by_lane_.erase(lane);
  by_position_.erase(found);
}

const std::set<position>& lanes::in(std::string_view lane) const {
  static const std::set<position> none;
  if (empty()) return none;
  const auto found = by_lane_.find(lane);
  return found == by_lane_.end() ? none : found->second;
}

position lanes::first_in(std::string_view lane) const {
  const auto& all = in(lane);
  return all.empty() ? 0 : *all.begin();
}

}  // namespace annals::actors
