// What one model has parked: by position, and by stream, so that what lies behind a parked event finds it.
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
  /// In place of one at the same position.
  void put(parked_event one);
  void remove(position at);
  parked_event* find(position at);
  const parked_event* find(position at) const;
  /// The first of the stream.
  const parked_event* first_of(std::string_view stream) const;
  /// All of the stream, in position order.
  std::vector<position> of(std::string_view stream) const;
  /// In position order.
  std::vector<parked_event> list() const;
  /// Those that were tried, not those that only wait behind them.
  std::set<position> tried() const;

  /// As bytes, for an image.
  std::string saved() const;
  static result<parked_events> restored(std::string_view bytes);

  position first() const { return by_position_.empty() ? 0 : by_position_.begin()->first; }

  /// Another one after each change.
  std::uint64_t version() const { return version_; }

private:
  std::map<position, parked_event> by_position_;
  std::map<std::string, std::set<position>, std::less<>> by_stream_;
  std::uint64_t version_ = 0;
};

}  // namespace annals::actors
