#pragma once

#include "actors/base/environment.hpp"
#include "actors/base/messages.hpp"
#include "actors/follow/ports.hpp"
#include "actors/subscriptions/ledger.hpp"
#include "actors/subscriptions/messages.hpp"
#include "actors/upkeep/messages.hpp"

#include <deque>
#include <optional>
#include <set>
#include <vector>

namespace annals::actors {

struct subscription_state {
  using time_point = open_events::time_point;
  /// The diagram is in subscription.cpp.
  enum class phase : std::uint8_t { dealing, ended, closing };
  struct waiting_member {
    member_id member = 0;
    std::size_t max = 0;
    time_point until{};
    subscription_caller caller;
  };
  /// What is written to the control table together.
  struct decisions {
    std::vector<subscription_caller> callers;
    std::vector<position> skips;
  };

  const environment* env = nullptr;
  const follow_ports* ports = nullptr;
  std::shared_ptr<subscription_cell> cell;
  phase now = phase::dealing;
  std::optional<error> ended;    // why: the runtime has stopped
  std::optional<error> stopped;  // at an event that somebody has to decide about
  subscription_options options;  // of the present members, or of the last ones
  bool has_options = false;      // a member has joined since the start
  std::set<member_id> members;
  std::vector<join_subscription> joining;  // they wait until the head of their call is readable
  subscription_ledger ledger;
  open_events open;
  std::set<position> pending_skips;    // skips that are not durable yet
  position read_up_to = 0;             // of the log
  timestamp read_time = 0;             // of the record there
  std::set<position> retried;          // parked positions beyond it, to be opened when reading reaches them
  std::deque<waiting_member> waiting;  // for events, the longest wait first
  decisions next_write;                // answered when it is durable
  std::deque<decisions> writing;
  std::optional<error> cannot_write;  // the log failed, or was closed without space
  std::optional<time_point> alarm_at;
  bool going_on = false;  // a go_on is on its way
  bool asked_bus = false;

  static inline const char* name = "subscription";
};
using subscription_ptr = caf::stateful_actor<subscription_state>*;

caf::behavior subscription_actor(subscription_ptr self, const environment& env, const follow_ports& ports, std::shared_ptr<subscription_cell> cell);

error subscription_closed();
/// Makes health and metrics what they are now.
void show(subscription_ptr self);
/// Hands out nothing more until retry() or skip() of this position.
void stop(subscription_ptr self, const error& why, position at);

// Who gets what: subscription_dealing.cpp.
/// Hands out what is open, and reads on as long as a member waits.
void deal(subscription_ptr self);
/// Whether a member waits for more than what has been read.
bool wants_more(const subscription_state& s);
position next_to_read(const subscription_state& s);
void on_want_events(subscription_ptr self, want_events& what);
/// Attempts that took too long have failed; members that have waited long enough get what there is.
void on_alarm(subscription_ptr self);

// Members: subscription_joining.cpp.
void on_join(subscription_ptr self, join_subscription& request);
void on_leave(subscription_ptr self, const leave_subscription& gone);

// The decisions of members, and what follows from them: subscription_decisions.cpp.
void on_acknowledge(subscription_ptr self, acknowledge& what);
void on_refuse(subscription_ptr self, refuse& what);
void on_resolve(subscription_ptr self, resolve& what);
/// An attempt has failed: tries again after a pause, or parks or stops after the last attempt.
void fail_attempt(subscription_ptr self, position at, const std::string& why);
/// Parks an event that follows a parked one in its stream. Returns false if the subscription stopped instead.
bool park_waiting(subscription_ptr self, const record_view& record, position first);
/// Writes the changes since the last write, one write at a time.
void write_decisions(subscription_ptr self);
void on_control_written(subscription_ptr self, const control_written& done);
/// The runtime has stopped: nothing more is written.
void on_journal_stopped(subscription_ptr self, const journal_stopped& stopped);

}  // namespace annals::actors
