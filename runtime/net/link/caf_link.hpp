// One link over CAF: messages are strings between two actors, one of each node. An empty string says that its sender has closed the link.
#pragma once

#include "net/link/connection.hpp"
#include "net/session/link.hpp"
#include "store/os/forks.hpp"

#include <caf/all.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

namespace annals::net {

/// What one of these actors does in its own turn. CAF does not know this type by name, so no peer can send one.
struct own_job {
  std::function<void()> run;
};

/// Takes strings, answers to what it has asked, and its own jobs. Everything else that reaches an actor of CAF from outside (exits, links,
/// forged news of deaths, messages of other programs) is counted and dropped.
class link_actor : public caf::event_based_actor {
public:
  link_actor(caf::actor_config& config, std::shared_ptr<link_counters> counters) : event_based_actor(config), counters_(std::move(counters)) {}

  using event_based_actor::enqueue;
  void enqueue(caf::mailbox_element_ptr what, caf::execution_unit* unit) override;

  /// Runs `what` in the actor's turn; thread-safe. Nothing happens if the actor has ended.
  static void post(const caf::actor& to, std::function<void()> what) { caf::anon_send(to, own_job{std::move(what)}); }

protected:
  link_counters& counters() { return *counters_; }
  /// Runs `what` in this actor's turn when `peer` has ended or cannot be reached any more.
  void when_gone(const caf::strong_actor_ptr& peer, std::function<void(const caf::error&)> what);

private:
  std::shared_ptr<link_counters> counters_;
};

class caf_link final : public link, public std::enable_shared_from_this<caf_link> {
public:
  /// `closed` runs in the actor's turn, once, after close().
  caf_link(caf::actor self, caf::strong_actor_ptr peer, std::shared_ptr<connection> over,
           std::function<void(const std::shared_ptr<caf_link>&)> closed);

  void send(std::string message) override;
  void close() override;

  /// Bytes that wait for the peer to take them, of all links on this connection. What was sent a moment ago may not be counted yet.
  std::size_t queued_bytes() const { return over_->unsent_bytes.load(std::memory_order_relaxed); }
  /// Messages and bytes that were sent so far.
  std::uint64_t sent_messages() const { return sent_messages_.load(std::memory_order_relaxed); }
  std::uint64_t sent_bytes() const { return sent_bytes_.load(std::memory_order_relaxed); }

  // For the actor.
  void detach();
  void say_closed();
  connection& over() { return *over_; }

private:
  std::shared_ptr<connection> over_;
  std::atomic<std::uint64_t> sent_messages_{0}, sent_bytes_{0};
  store::home_process home_;
  std::mutex mutex_;
  caf::actor self_;                                               // guarded; with the peer null once the link has ended
  caf::strong_actor_ptr peer_;                                    // guarded
  std::function<void(const std::shared_ptr<caf_link>&)> closed_;  // guarded; null after close()
};

/// Calls the owner. False: it threw, and the link has to end.
template <class Call>
bool told(Call&& call) noexcept {
  try {
    call();
    return true;
  } catch (...) {
    return false;
  }
}

error owner_failed();
error closed_here();
error closed_by_peer();
error lost_because(const caf::error& why);

}  // namespace annals::net

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(annals::net::own_job)
