// The parked events of one model, by position and by stream, so that a later event of the stream finds those it waits for.
#pragma once

#include <annals/parked.hpp>
#include <annals/result.hpp>

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace annals::actors {

class parked_events {
public:
  static constexpr std::size_t max = 10'000;

  std::size_t size() const { return by_position_.size(); }
  bool empty() const { return by_position_.empty(); }
  bool full() const { return by_position_.size() >= max; }
  /// Replaces an entry at the same position.
  void put(parked_event one);
  void remove(position at);
  parked_event* find(position at);
  const parked_event* find(position at) const;
  /// The first of the stream; null if there is none.
  const parked_event* first_of(std::string_view stream) const;
  /// The positions of all of the stream, ascending.
  std::vector<position> of(std::string_view stream) const;
  /// In position order.
  std::vector<parked_event> list() const;
  /// Positions of the events that were tried, without those that only wait for one of them.
  std::set<position> tried() const;

  /// The list as bytes, for an image.
  std::string saved() const;
  static result<parked_events> restored(std::string_view bytes);

  position first() const { return by_position_.empty() ? 0 : by_position_.begin()->first; }

  /// Changes with every change of the list.
  std::uint64_t version() const { return version_; }

private:
  std::map<position, parked_event> by_position_;
  std::map<std::string, std::set<position>, std::less<>> by_stream_;
  std::uint64_t version_ = 0;
};

}  // namespace annals::actors
