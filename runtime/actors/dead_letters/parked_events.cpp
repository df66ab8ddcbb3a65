#include "actors/dead_letters/parked_events.hpp"

#include "store/derived/parked_list.hpp"

#include <annals/codec.hpp>

#include <utility>

namespace annals::actors {
using store::parked_list;

void parked_events::put(parked_event one) {
  ++version_;
  lanes_.insert(one.at, one.stream);
  const auto at = one.at;
  events_.insert_or_assign(at, std::move(one));
}

void parked_events::remove(position at) {
  if (events_.erase(at) == 0) return;
  ++version_;
  lanes_.erase(at);
}

void parked_events::count_attempt(position at, std::string why, timestamp now) {
  ++version_;
  auto& one = events_.at(at);
  ++one.attempts;
  one.error = std::move(why);
  one.time = now;
}

const parked_event* parked_events::find(position at) const {
  const auto found = events_.find(at);
  return found == events_.end() ? nullptr : &found->second;
}

const parked_event* parked_events::first_of(std::string_view lane) const { return find(lanes_.first_in(lane)); }

std::vector<parked_event> parked_events::list() const {
  std::vector<parked_event> all;
  all.reserve(size());
  for (const auto& [at, one] : events_) all.push_back(one);
  return all;
}

std::set<position> parked_events::tried() const {
  std::set<position> all;
  for (const auto& [at, one] : events_)
    if (one.attempts > 0) all.insert(at);
  return all;
}

std::string parked_events::saved() const { return encoded(parked_list{list()}); }

result<parked_events> parked_events::restored(std::string_view bytes) {
  auto list = decoded<parked_list>(bytes);
  if (!list) return std::move(list).error();
  parked_events all;
  for (auto& one : list->events) all.put(std::move(one));
  return all;
}

}  // namespace annals::actors
