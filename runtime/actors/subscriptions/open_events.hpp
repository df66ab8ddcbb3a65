// The events that a subscription has read and that are not settled, and which member may have which of them next. To keep the order
// within a stream, streams are dealt to members: while a member holds an event of a stream, the later ones are for that member alone.
// Not an actor; has no clock.
#pragma once

#include "actors/subscriptions/lowest_first.hpp"

#include <annals/receipt.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace annals::actors {

using member_id = std::uint64_t;  // from 1 on, never reused

class open_events {
public:
  using time_point = std::chrono::steady_clock::time_point;

  open_events() = default;
  open_events(open_events&&) = default;
  open_events& operator=(open_events&&) = default;

  /// Adds an event to its stream. Asserts that it is not open yet.
  void add(position at, std::string_view stream, timestamp time = 0);
  std::size_t size() const { return events_.size(); }
  bool contains(position at) const { return events_.contains(at); }
  const std::string& stream_of(position at) const { return events_.at(at).in->first; }
  /// As given to add().
  timestamp time_of(position at) const { return events_.at(at).time; }
  /// How often it was handed out, without the times when it was taken back for a reason other than the event itself.
  std::uint32_t attempts(position at) const { return events_.at(at).attempts; }
  bool was_handed_out(position at) const { return events_.at(at).was_out; }
  std::optional<member_id> holder(position at) const;
  /// All later open events of its stream, in order.
  std::vector<position> later_in_stream(position at) const;

  void join(member_id member) { members_.try_emplace(member); }
  /// What this member holds is given to others, in order, as if it had not been handed out.
  void leave(member_id member);
  std::size_t held_by(member_id member) const { return members_.at(member).held; }
  std::size_t held() const { return held_; }

  bool has_for(member_id member) const;
  /// Hands out the lowest event that this member may have. Asserts has_for().
  position take(member_id member, time_point due);
  /// Undoes take(), for the events taken last.
  void take_back(position at);
  /// Takes the event from its holder. Events of its stream that were handed out after it are taken back as well, to come again after
  /// it. Nothing of the stream is handed out before `until`.
  void hold(position at, time_point until);
  /// The event is settled, whether a member holds it or not.
  void remove(position at);
  /// Counts its attempts from zero again.
  void forgive(position at) { events_.at(at).attempts = 0; }

  /// When the next deadline of a holder, or end of a hold, is due.
  std::optional<time_point> next_due() const;
  /// Ends the holds that are over, and returns an event that its holder has had for too long; nothing if there is no more.
  std::optional<position> take_overdue(time_point now);

private:
  struct event;
  /// The open events of a stream are linked, in order.
  struct lane {
    event* first = nullptr;
    event* last = nullptr;
    event* next = nullptr;   // the first that waits
    std::size_t out = 0;     // held by the owner
    member_id owner = 0;     // while an event is out
    std::size_t holds = 0;   // of its events, each until its time; meanwhile nothing is handed out
    position listed = 0;     // the event that may be handed out now; 0: none
    member_id listed_for{};  // 0: any member
  };
  struct hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  using lanes = std::unordered_map<std::string, lane, hash, std::equal_to<>>;  // by stream; stable addresses
  struct event {
    position at = 0;
    lanes::value_type* in = nullptr;
    event* before = nullptr;
    event* after = nullptr;
    member_id holder = 0;  // 0: it waits
    std::uint32_t attempts = 0;
    std::uint64_t turn = 0;  // in the order of being handed out
    time_point due{};        // the holder's deadline, or the end of the hold
    bool has_due = false;
    bool was_out = false;
    timestamp time = 0;
  };
  struct member {
    mutable lowest_first<position> next;  // the next events of its own streams
    std::size_t held = 0;
  };
  using deadline = std::pair<time_point, position>;

  bool is_listed(position at, member_id whom) const;
  bool is_due(const deadline& one) const;
  const position* lowest_for(member_id whom) const;
  void list(lane& of);
  void set_due(event& what, std::optional<time_point> due);
  void put_back(event& what);
  void tidy_lanes();

  std::unordered_map<position, event> events_;  // stable addresses
  lanes lanes_;
  std::size_t empty_ = 0;  // lanes
  std::map<member_id, member> members_;
  mutable lowest_first<position> free_;  // the next events of streams without an owner
  mutable lowest_first<deadline> due_;
  std::size_t held_ = 0;
  std::uint64_t turn_ = 0;
};

}  // namespace annals::actors
