// Positions by lane. A lane is what has to be handled in order: a stream, or an instance of a process manager. The first position
// of a lane is the one that the others wait for.
#pragma once

#include <annals/receipt.hpp>

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>

namespace annals::actors {

class lanes {
public:
  std::size_t size() const { return by_position_.size(); }
  bool empty() const { return by_position_.empty(); }
  /// The lowest position; 0 if there is none.
  position first() const { return empty() ? 0 : by_position_.begin()->first; }
  bool contains(position at) const { return by_position_.contains(at); }
  /// Moves the position if it is in another lane.
  void insert(position at, std::string_view lane);
  void erase(position at);
  /// The lane of a position that is contained.
  const std::string& lane_of(position at) const { return by_position_.at(at); }
  /// The positions of this lane, ascending. The reference is valid until the next change.
  const std::set<position>& in(std::string_view lane) const;
  /// The lowest position of this lane; 0 if there is none.
  position first_in(std::string_view lane) const;

private:
  struct hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  std::unordered_map<std::string, std::set<position>, hash, std::equal_to<>> by_lane_;
  std::map<position, std::string> by_position_;  // → lane
};

}  // namespace annals::actors
