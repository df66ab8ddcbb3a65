// What hosts say to a subscription. Each call is answered in any case: whoever drops it, an actor that ended with it in its
// mailbox, say, answers it.
#pragma once

#include "actors/base/host_calls.hpp"
#include "actors/base/waiter.hpp"
#include "actors/subscriptions/open_events.hpp"
#include "store/log/log.hpp"

#include <annals/subscription.hpp>

#include <caf/all.hpp>

#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace annals::actors {

struct subscription_call {
  std::shared_ptr<detail::waiter> who = detail::make_waiter();
  std::shared_ptr<std::vector<delivered>> batch;  // of next(): written before the answer

  explicit subscription_call(std::shared_ptr<const host_calls> host) : host_(std::move(host)) {}
  subscription_call(const subscription_call&) = delete;
  subscription_call& operator=(const subscription_call&) = delete;
  ~subscription_call() { answer(error{errc::unknown, "the answer is lost", "the subscription has ended"}); }

  void answer() { who->complete(detail::answered{}, host_.get()); }
  void answer(error why) { who->complete(std::move(why), host_.get()); }

private:
  std::shared_ptr<const host_calls> host_;
};
using subscription_caller = std::shared_ptr<subscription_call>;

struct join_subscription {
  member_id member = 0;
  subscription_options with;
  position head = 0;  // durable, when it was asked for
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
/// What becomes of a parked event, or of the one where the subscription stopped.
struct resolve {
  position at = 0;
  bool is_retry = false;  // else it is given up
  subscription_caller caller;
};

/// A subscription as hosts see it: it outlives the actor, and may outlive the runtime.
struct subscription_cell {
  subscription_cell(std::string called, std::shared_ptr<const host_calls> of) : name(std::move(called)), host(std::move(of)) { shown.name = name; }

  const std::string name;
  const std::shared_ptr<const host_calls> host;
  mutable std::mutex mutex;
  caf::actor actor;                 // null: closed; guarded
  const store::log* log = nullptr;  // null: closed; guarded
  subscription_health shown;        // guarded

  /// Answers `closed` when it is.
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
