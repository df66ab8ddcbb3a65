#include "actors/subscriptions/open_events.hpp"

#include <annals/result.hpp>

#include <algorithm>

namespace annals::actors {

/// The first waiting event of a stream is listed for the members that may have it. Every change of a stream goes between these two calls.
void open_events::unlist(const lane& of) {
  if (of.holds > 0 || of.waiting.empty()) return;
  (of.out.empty() ? free_ : members_.at(of.owner).next).erase(*of.waiting.begin());
}

void open_events::list(const lane& of) {
  if (of.holds > 0 || of.waiting.empty()) return;
  (of.out.empty() ? free_ : members_.at(of.owner).next).insert(*of.waiting.begin());
}

void open_events::set_due(position at, event& what, std::optional<time_point> due) {
  if (what.has_due) due_.erase({what.due, at});
  what.has_due = due.has_value();
  if (due) due_.emplace(what.due = *due, at);
}

void open_events::add(position at, std::string_view stream, timestamp time) {
  auto& in = *lanes_.try_emplace(std::string{stream}).first;
  const auto [added, is_new] = events_.emplace(at, event{&in});
  if (!is_new) detail::broken("an event is open twice");
  added->second.time = time;
  unlist(in.second);
  in.second.waiting.insert(at);
  list(in.second);
}

std::optional<member_id> open_events::holder(position at) const {
  const auto& what = events_.at(at);
  return what.holder == 0 ? std::nullopt : std::optional{what.holder};
}

std::vector<position> open_events::later_in_stream(position at) const {
  const auto& in = events_.at(at).in->second;
  std::vector<position> found{in.waiting.upper_bound(at), in.waiting.end()};
  found.insert(found.end(), in.out.upper_bound(at), in.out.end());
  std::sort(found.begin(), found.end());
  return found;
}

bool open_events::has_for(member_id member) const { return !free_.empty() || !members_.at(member).next.empty(); }

position open_events::take(member_id member, time_point due) {
  auto& to = members_.at(member);
  if (free_.empty() && to.next.empty()) detail::broken("there is nothing to hand out");
  const bool is_own = free_.empty() || (!to.next.empty() && *to.next.begin() < *free_.begin());
  const auto at = is_own ? *to.next.begin() : *free_.begin();
  auto& what = events_.at(at);
  auto& in = what.in->second;
  unlist(in);
  in.waiting.erase(at);
  in.out.insert(at);
  in.owner = member;
  list(in);
  what.holder = member;
  what.turn = ++turn_;
  what.was_out = true;
  ++what.attempts;
  ++to.held;
  ++held_;
  set_due(at, what, due);
  return at;
}

/// Takes an event from its holder and lets it wait again. To be called between unlist() and list().
void open_events::put_back(position at, event& what) {
  auto& in = what.in->second;
  in.out.erase(at);
  in.waiting.insert(at);
  --members_.at(what.holder).held;
  --held_;
  what.holder = 0;
  set_due(at, what, std::nullopt);
}

void open_events::take_back(position at) {
  auto& what = events_.at(at);
  auto& in = what.in->second;
  unlist(in);
  put_back(at, what);
  --what.attempts;
  list(in);
}

void open_events::hold(position at, time_point until) {
  auto& what = events_.at(at);
  auto& in = what.in->second;
  unlist(in);
  const auto later = what.turn;
  const std::vector<position> out{in.out.begin(), in.out.end()};
  for (const auto other : out) {
    auto& one = events_.at(other);
    if (other != at && one.turn < later) continue;
    put_back(other, one);
    if (other != at) --one.attempts;
  }
  ++in.holds;
  set_due(at, what, until);
  list(in);
}

void open_events::remove(position at) {
  auto found = events_.find(at);
  if (found == events_.end()) return;
  auto& what = found->second;
  auto& in = *what.in;
  unlist(in.second);
  if (what.holder == 0 && what.has_due) --in.second.holds;
  set_due(at, what, std::nullopt);
  if (what.holder != 0) {
    --members_.at(what.holder).held;
    --held_;
  }
  in.second.waiting.erase(at);
  in.second.out.erase(at);
  list(in.second);
  if (in.second.waiting.empty() && in.second.out.empty()) lanes_.erase(in.first);
  events_.erase(found);
}

void open_events::leave(member_id member) {
  for (auto& [stream, in] : lanes_) {
    if (in.out.empty() || in.owner != member) continue;
    unlist(in);
    const std::vector<position> out{in.out.begin(), in.out.end()};
    for (const auto at : out) {
      auto& what = events_.at(at);
      put_back(at, what);
      --what.attempts;
    }
    list(in);
  }
  members_.erase(member);
}

std::optional<open_events::time_point> open_events::next_due() const {
  if (due_.empty()) return std::nullopt;
  return due_.begin()->first;
}

std::optional<position> open_events::take_overdue(time_point now) {
  while (!due_.empty() && due_.begin()->first <= now) {
    const auto at = due_.begin()->second;
    auto& what = events_.at(at);
    auto& in = what.in->second;
    set_due(at, what, std::nullopt);
    if (what.holder != 0) return at;
    unlist(in);
    --in.holds;
    list(in);
  }
  return std::nullopt;
}

}  // namespace annals::actors
