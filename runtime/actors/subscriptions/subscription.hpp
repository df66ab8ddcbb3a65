#pragma once

#include "actors/base/environment.hpp"
#include "actors/base/messages.hpp"
#include "actors/follow/ports.hpp"
#include "actors/subscriptions/ledger.hpp"
#include "actors/subscriptions/messages.hpp"

#include <deque>
#include <optional>
#include <set>

namespace annals::actors {

struct subscription_state {
  using time_point = open_events::time_point;
  struct waiting_member {
    member_id who = 0;
    std::size_t max = 0;
    time_point until{};
    subscription_caller caller;
  };

  const environment* env = nullptr;
  const follow_ports* ports = nullptr;
  std::shared_ptr<subscription_cell> cell;
  subscription_options options;  // of the present members
  std::set<member_id> members;
  std::vector<join_subscription> joining;  // they wait until the head of their call is readable
  subscription_ledger ledger;
  open_events open;
  position read_up_to = 0;              // of the log
  std::set<position> retried;           // parked positions beyond it, to be opened when reading reaches them
  std::deque<waiting_member> waiting;   // for events, the longest wait first
  std::vector<subscription_caller> decided;                  // answered with the next keep
  std::deque<std::vector<subscription_caller>> being_kept;  // for each keep under way
  std::optional<error> cannot_keep;                          // the log failed, or was closed without space
  std::optional<error> stopped;
  std::optional<error> ended;  // the runtime has stopped, and so has the subscription
  std::optional<time_point> alarm_at;
  bool going_on = false;   // a go_on is on its way
  bool asked_bus = false;
  bool closing = false;

  static inline const char* name = "subscription";
};
using subscription_ptr = caf::stateful_actor<subscription_state>*;

caf::behavior subscription_actor(subscription_ptr self, const environment& env, const follow_ports& ports,
                                 std::shared_ptr<subscription_cell> cell);

// The decisions of members, and what follows from them: decisions.cpp.
void take(subscription_ptr self, acknowledge& what);
/// The runtime has stopped: nothing more is written.
void take(subscription_ptr self, const journal_stopped& stopped);
void take(subscription_ptr self, refuse& what);
void take(subscription_ptr self, resolve& what);
/// An attempt has failed: tries again after a pause, or parks or stops after the last attempt.
void fail_attempt(subscription_ptr self, position at, const std::string& why);
/// Parks an event that follows a parked one in its stream. Returns false if the subscription stopped instead.
bool park_behind(subscription_ptr self, const record_view& record, position first);
/// Hands out nothing more until retry() or skip() of this position.
void stop(subscription_ptr self, const error& why, position at);

}  // namespace annals::actors
