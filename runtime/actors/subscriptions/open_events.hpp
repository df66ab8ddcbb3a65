// What a subscription has read and is not done with: which member may have which event next. Streams are dealt to members,
// so that the order within a stream is kept: while a member holds an event of a stream, those behind it are for that
// member alone. No actor and no clock in here.
#pragma once

#include <annals/receipt.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace annals::actors {

using member_id = std::uint64_t;  // from 1 on, never given twice

class open_events {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// Behind what is there of its stream. Asserts that it is not there.
  void add(position at, std::string_view stream);
  std::size_t size() const { return events_.size(); }
  bool contains(position at) const { return events_.contains(at); }
  const std::string& stream_of(position at) const { return events_.at(at).in->first; }
  /// How often it was handed out, without those times when it was taken away for another reason than its own.
  std::uint32_t attempts(position at) const { return events_.at(at).attempts; }
  bool was_handed_out(position at) const { return events_.at(at).was_out; }
  std::optional<member_id> holder(position at) const;
  /// Everything of its stream behind it, in order.
  std::vector<position> behind(position at) const;

  void join(member_id who) { members_.try_emplace(who); }
  /// What it holds is for others, in order, as if it had not been handed out.
  void leave(member_id who);
  std::size_t held_by(member_id who) const { return members_.at(who).held; }
  std::size_t held() const { return held_; }

  bool has_for(member_id who) const;
  /// Hands out the lowest that this member may have. has_for() is asserted.
  position take(member_id who, time_point due);
  /// As if take() had not been, for the last ones taken.
  void take_back(position at);
  /// Takes it from its holder; what was handed out of its stream after it comes again behind it. Nothing of the stream is
  /// handed out before `until`.
  void hold(position at, time_point until);
  /// Done with it, whoever holds it.
  void remove(position at);
  /// Counts its attempts anew.
  void forgive(position at) { events_.at(at).attempts = 0; }

  /// When something is due: the time a holder had, or the end of a hold.
  std::optional<time_point> next_due() const;
  /// Ends the holds that are over, and gives one that its holder has had for too long; nothing when there is no more.
  std::optional<position> take_late(time_point now);

private:
  struct lane {
    std::set<position> waiting;
    std::set<position> out;
    member_id owner = 0;  // while something is out
    std::size_t holds = 0;  // of its events, each until its time; nothing is handed out meanwhile
  };
  using lanes = std::unordered_map<std::string, lane>;  // by stream; stable addresses
  struct event {
    lanes::value_type* in = nullptr;
    member_id holder = 0;    // 0: waits
    std::uint32_t attempts = 0;
    std::uint64_t turn = 0;  // of being handed out
    time_point due{};        // of its holder, or of the hold
    bool has_due = false;
    bool was_out = false;
  };
  struct member {
    std::set<position> next;  // of the streams that are its own
    std::size_t held = 0;
  };
  void unlist(const lane& of);
  void list(const lane& of);
  void set_due(position at, event& what, std::optional<time_point> due);
  void put_back(position at, event& what);

  std::map<position, event> events_;
  lanes lanes_;
  std::map<member_id, member> members_;
  std::set<position> free_;  // the next ones of streams that are nobody's
  std::set<std::pair<time_point, position>> due_;
  std::size_t held_ = 0;
  std::uint64_t turn_ = 0;
};

}  // namespace annals::actors
