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
  subscription_options options;  // of those who are members
  std::set<member_id> members;
  std::vector<join_subscription> joining;  // until the head as of their call is readable
  subscription_ledger ledger;
  open_events open;
  position read_up_to = 0;              // of the log
  std::set<position> retried;           // parked ones beyond it, to be open again when it comes by
  std::deque<waiting_member> waiting;   // for events, the longest first
  std::vector<subscription_caller> decided;                  // answered when the next keep is
  std::deque<std::vector<subscription_caller>> being_kept;  // for each keep on its way
  std::optional<error> cannot_keep;                          // the log failed, or was closed without space
  std::optional<error> stopped;
  std::optional<error> ended;  // the runtime has stopped, and this with it
  std::optional<time_point> alarm_at;
  bool going_on = false;   // go_on is on its way
  bool asked_bus = false;
  bool closing = false;

  static inline const char* name = "subscription";
};
using subscription_ptr = caf::stateful_actor<subscription_state>*;

caf::behavior subscription_actor(subscription_ptr self, const environment& env, const follow_ports& ports,
                                 std::shared_ptr<subscription_cell> cell);

// What members decide, and what follows from it: decisions.cpp.
void take(subscription_ptr self, acknowledge& what);
/// The runtime has stopped: nobody keeps anything more.
void take(subscription_ptr self, const journal_stopped& stopped);
void take(subscription_ptr self, refuse& what);
void take(subscription_ptr self, resolve& what);
/// An attempt came to nothing: again after a pause, or exhausted.
void fail_attempt(subscription_ptr self, position at, const std::string& why);
/// Parks what follows on a parked one of its stream. False when it stopped instead.
bool park_behind(subscription_ptr self, const record_view& record, position first);
/// It hands nothing out any more, until retry() or skip() of that position.
void stop(subscription_ptr self, const error& why, position at);

}  // namespace annals::actors
