// Messages from hosts to a subscription. Each call is answered in any case: its destructor answers it when it is dropped, for example
// in the mailbox of an actor that has ended.
#pragma once

#include "actors/base/host_calls.hpp"
#include "actors/base/meters.hpp"
#include "actors/base/waiter.hpp"
#include "actors/subscriptions/open_events.hpp"
#include "store/log/log.hpp"
#include "store/log/owner_names.hpp"

#include <annals/subscription.hpp>

#include <caf/all.hpp>

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace annals::actors {

struct subscription_call {
  std::shared_ptr<detail::waiter> waiter = detail::make_waiter();
  std::shared_ptr<std::vector<delivered>> batch;  // of next(): filled before the answer

  explicit subscription_call(std::shared_ptr<const host_calls> host) : host_(std::move(host)) {}
  subscription_call(const subscription_call&) = delete;
  subscription_call& operator=(const subscription_call&) = delete;
  ~subscription_call() { answer(error{errc::unknown, "the answer is lost", "the subscription has ended"}); }

  void answer() { waiter->complete(detail::answered{}, host_.get()); }
  void answer(error why) { waiter->complete(std::move(why), host_.get()); }

private:
  std::shared_ptr<const host_calls> host_;
};
using subscription_caller = std::shared_ptr<subscription_call>;

struct join_subscription {
  member_id member = 0;
  subscription_options with;
  position head = 0;  // the durable head at the time of the call
  subscription_caller caller;
};
struct leave_subscription {
  member_id member = 0;
};
struct want_events {
  member_id member = 0;
  std::size_t max = 0;
  std::chrono::milliseconds time_out{0};
  subscription_caller caller;
};
struct acknowledge {
  std::vector<position> positions;
  subscription_caller caller;
};
struct refuse {
  member_id member = 0;
  position at = 0;
  std::string why;
  subscription_caller caller;
};
/// Retries or skips a parked event, or the event where the subscription stopped.
struct resolve {
  position at = 0;
  bool is_retry = false;  // false: skip
  subscription_caller caller;
};

/// A subscription as hosts see it. It outlives the actor, and may outlive the runtime.
struct subscription_cell {
  subscription_cell(std::string_view called, std::shared_ptr<const host_calls> of)
      : owner(store::owner_name::of_subscription(called)), name(called), host(std::move(of)) {
    shown.name = name;
  }

  const store::owner_name owner;
  const std::string name;
  const std::shared_ptr<const host_calls> host;
  mutable std::mutex mutex;
  caf::actor actor;                 // null: closed; guarded by mutex
  const store::log* log = nullptr;  // null: closed; guarded by mutex
  mutable std::mutex shown_mutex;   // held for a copy only, so that nobody waits for a read of the log
  subscription_health shown;        // guarded by shown_mutex

  // Not guarded: cells.
  follower_meters meters;
  subscription_meters of_members;
  telemetry::gauge parked_max;

  /// Answers with `closed` if the subscription is closed.
  template <class Message>
  void send(Message what) {
    const std::lock_guard lock{mutex};
    if (actor)
      caf::anon_send(actor, std::move(what));
    else if constexpr (requires { what.caller; })
      what.caller->answer(error{errc::closed, "the runtime is closed"});
  }
};

}  // namespace annals::actors

#define ANNALS_LOCAL_MESSAGE(type) CAF_ALLOW_UNSAFE_MESSAGE_TYPE(annals::actors::type)
ANNALS_LOCAL_MESSAGE(join_subscription)
ANNALS_LOCAL_MESSAGE(leave_subscription)
ANNALS_LOCAL_MESSAGE(want_events)
ANNALS_LOCAL_MESSAGE(acknowledge)
ANNALS_LOCAL_MESSAGE(refuse)
ANNALS_LOCAL_MESSAGE(resolve)
#undef ANNALS_LOCAL_MESSAGE
