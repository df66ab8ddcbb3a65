#include "actors/subscriptions/open_events.hpp"

#include <annals/result.hpp>

namespace annals::actors {
namespace {

/// The first of these that waits.
template <class Event>
Event* waiting_from(Event* one) {
  while (one != nullptr && one->holder != 0) one = one->after;
  return one;
}

}  // namespace

bool open_events::is_listed(position at, member_id whom) const {
  const auto found = events_.find(at);
  if (found == events_.end()) return false;
  const auto& in = found->second.in->second;
  return in.listed == at && in.listed_for == whom;
}

bool open_events::is_due(const deadline& one) const {
  const auto found = events_.find(one.second);
  return found != events_.end() && found->second.has_due && found->second.due == one.first;
}

/// `whom`: 0 for any member.
const position* open_events::lowest_for(member_id whom) const {
  auto& in = whom == 0 ? free_ : members_.at(whom).next;
  return in.top([&](position at) { return is_listed(at, whom); });
}

/// The first waiting event of a stream is listed for the members that may have it. To be called after every change of a stream.
void open_events::list(lane& of) {
  const auto at = of.holds > 0 || of.next == nullptr ? position{0} : of.next->at;
  const auto whom = of.out == 0 ? member_id{0} : of.owner;
  if (at == of.listed && whom == of.listed_for) return;
  of.listed = at;
  of.listed_for = whom;
  if (at == 0) return;
  auto& in = whom == 0 ? free_ : members_.at(whom).next;
  in.push(at);
  in.tidy(lanes_.size(), [&](position one) { return is_listed(one, whom); });
}

void open_events::set_due(event& what, std::optional<time_point> due) {
  what.has_due = due.has_value();
  if (!due) return;
  what.due = *due;
  due_.push({*due, what.at});
  due_.tidy(events_.size(), [&](const deadline& one) { return is_due(one); });
}

void open_events::add(position at, std::string_view stream, timestamp time) {
  const auto [added, is_new] = events_.try_emplace(at);
  if (!is_new) detail::broken("an event is open twice");
  auto in = lanes_.find(stream);
  if (in == lanes_.end())
    in = lanes_.emplace(std::string{stream}, lane{}).first;
  else if (in->second.first == nullptr)
    --empty_;
  auto& what = added->second;
  what.at = at;
  what.in = &*in;
  what.time = time;
  auto& of = in->second;
  what.before = of.last;
  while (what.before != nullptr && what.before->at > at) what.before = what.before->before;
  what.after = what.before != nullptr ? what.before->after : of.first;
  (what.before != nullptr ? what.before->after : of.first) = &what;
  (what.after != nullptr ? what.after->before : of.last) = &what;
  if (of.next == nullptr || at < of.next->at) of.next = &what;
  list(of);
}

std::optional<member_id> open_events::holder(position at) const {
  const auto& what = events_.at(at);
  return what.holder == 0 ? std::nullopt : std::optional{what.holder};
}

std::vector<position> open_events::later_in_stream(position at) const {
  std::vector<position> found;
  for (const auto* one = events_.at(at).after; one != nullptr; one = one->after) found.push_back(one->at);
  return found;
}

bool open_events::has_for(member_id member) const { return lowest_for(0) != nullptr || lowest_for(member) != nullptr; }

position open_events::take(member_id member, time_point due) {
  auto& to = members_.at(member);
  const auto* own = lowest_for(member);
  const auto* free = lowest_for(0);
  if (own == nullptr && free == nullptr) detail::broken("there is nothing to hand out");
  const bool is_own = free == nullptr || (own != nullptr && *own < *free);
  const auto at = is_own ? *own : *free;
  (is_own ? to.next : free_).pop();
  auto& what = events_.at(at);
  auto& in = what.in->second;
  what.holder = member;
  what.turn = ++turn_;
  what.was_out = true;
  ++what.attempts;
  ++in.out;
  in.owner = member;
  in.next = waiting_from(what.after);
  list(in);
  ++to.held;
  ++held_;
  set_due(what, due);
  return at;
}

/// Takes an event from its holder and lets it wait again. list() has to follow.
void open_events::put_back(event& what) {
  auto& in = what.in->second;
  --in.out;
  if (in.next == nullptr || what.at < in.next->at) in.next = &what;
  --members_.at(what.holder).held;
  --held_;
  what.holder = 0;
  set_due(what, std::nullopt);
}

void open_events::take_back(position at) {
  auto& what = events_.at(at);
  put_back(what);
  --what.attempts;
  list(what.in->second);
}

void open_events::hold(position at, time_point until) {
  auto& what = events_.at(at);
  auto& in = what.in->second;
  for (auto* one = in.first; one != nullptr; one = one->after) {
    if (one->holder == 0 || one->turn < what.turn) continue;
    put_back(*one);
    if (one != &what) --one->attempts;
  }
  ++in.holds;
  set_due(what, until);
  list(in);
}

void open_events::remove(position at) {
  const auto found = events_.find(at);
  if (found == events_.end()) return;
  auto& what = found->second;
  auto& in = what.in->second;
  if (what.holder != 0) {
    --in.out;
    --members_.at(what.holder).held;
    --held_;
  } else if (what.has_due) {
    --in.holds;
  }
  if (in.next == &what) in.next = waiting_from(what.after);
  (what.before != nullptr ? what.before->after : in.first) = what.after;
  (what.after != nullptr ? what.after->before : in.last) = what.before;
  list(in);
  events_.erase(found);
  if (in.first == nullptr) ++empty_;
  tidy_lanes();
}

/// A stream without events is kept for its next one, as long as there are not many.
void open_events::tidy_lanes() {
  constexpr std::size_t few = 64;
  if (empty_ <= few + 2 * events_.size()) return;
  std::erase_if(lanes_, [](const auto& one) { return one.second.first == nullptr; });
  empty_ = 0;
}

void open_events::leave(member_id member) {
  for (auto& [stream, in] : lanes_) {
    if (in.out == 0 || in.owner != member) continue;
    for (auto* one = in.first; one != nullptr; one = one->after) {
      if (one->holder == 0) continue;
      put_back(*one);
      --one->attempts;
    }
    list(in);
  }
  members_.erase(member);
}

std::optional<open_events::time_point> open_events::next_due() const {
  const auto* next = due_.top([&](const deadline& one) { return is_due(one); });
  return next == nullptr ? std::nullopt : std::optional{next->first};
}

std::optional<position> open_events::take_overdue(time_point now) {
  for (;;) {
    const auto* next = due_.top([&](const deadline& one) { return is_due(one); });
    if (next == nullptr || next->first > now) return std::nullopt;
    auto& what = events_.at(next->second);
    due_.pop();
    set_due(what, std::nullopt);
    if (what.holder != 0) return what.at;
    auto& in = what.in->second;
    --in.holds;
    list(in);
  }
}

}  // namespace annals::actors
