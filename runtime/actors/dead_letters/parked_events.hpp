// The parked events of one owner, by position and by lane.
#pragma once

#include "actors/dead_letters/lanes.hpp"

#include <annals/parked.hpp>
#include <annals/result.hpp>

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace annals::actors {

class parked_events {
public:
  static constexpr std::size_t max = 10'000;

  std::size_t size() const { return events_.size(); }
  bool empty() const { return events_.empty(); }
  bool full() const { return size() >= max; }
  /// Replaces an entry at the same position.
  void put(parked_event one);
  void remove(position at);
  /// Another attempt has failed.
  void count_attempt(position at, std::string why, timestamp now);
  /// Null if there is none.
  const parked_event* find(position at) const;
  bool contains(position at) const { return events_.contains(at); }
  /// The first of the lane; null if there is none.
  const parked_event* first_of(std::string_view lane) const;
  /// The positions of this lane, ascending. The reference is valid until the next change.
  const std::set<position>& of(std::string_view lane) const { return lanes_.in(lane); }
  /// In position order.
  std::vector<parked_event> list() const;
  /// Positions of the events that were tried, without those that only wait for one of them.
  std::set<position> tried() const;
  /// The lowest position; 0 if there is none.
  position first() const { return lanes_.first(); }

  /// The list as bytes, for an image.
  std::string saved() const;
  static result<parked_events> restored(std::string_view bytes);

  /// Changes with every change of the list.
  std::uint64_t version() const { return version_; }

private:
  std::map<position, parked_event> events_;
  lanes lanes_;
  std::uint64_t version_ = 0;
};

}  // namespace annals::actors
