#include "actors/follow/parked_events.hpp"

#include <annals/codec.hpp>

namespace annals::actors {
namespace {

struct parked_list {
  std::vector<parked_event> events;
  static constexpr auto about = annals::describe<&parked_list::events>("parked_list", 1);
};

}  // namespace

void parked_events::put(parked_event one) {
  ++version_;
  by_stream_[one.stream].insert(one.at);
  const auto at = one.at;
  by_position_.insert_or_assign(at, std::move(one));
}

void parked_events::remove(position at) {
  const auto found = by_position_.find(at);
  if (found == by_position_.end()) return;
  ++version_;
  const auto stream = by_stream_.find(found->second.stream);
  stream->second.erase(at);
  if (stream->second.empty()) by_stream_.erase(stream);
  by_position_.erase(found);
}

parked_event* parked_events::find(position at) {
  const auto found = by_position_.find(at);
  return found == by_position_.end() ? nullptr : &found->second;
}

const parked_event* parked_events::find(position at) const {
  const auto found = by_position_.find(at);
  return found == by_position_.end() ? nullptr : &found->second;
}

const parked_event* parked_events::first_of(std::string_view stream) const {
  const auto found = by_stream_.find(stream);
  return found == by_stream_.end() ? nullptr : find(*found->second.begin());
}

std::vector<position> parked_events::of(std::string_view stream) const {
  const auto found = by_stream_.find(stream);
  if (found == by_stream_.end()) return {};
  return {found->second.begin(), found->second.end()};
}

std::vector<parked_event> parked_events::list() const {
  std::vector<parked_event> all;
  for (const auto& [at, one] : by_position_) all.push_back(one);
  return all;
}

std::set<position> parked_events::tried() const {
  std::set<position> all;
  for (const auto& [at, one] : by_position_)
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
