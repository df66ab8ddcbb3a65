#include "net/link/caf_link.hpp"

#include <caf/detail/sync_request_bouncer.hpp>

#include <utility>

namespace annals::net {

void link_actor::enqueue(caf::mailbox_element_ptr what, caf::execution_unit* unit) {
  const auto& content = what->content();
  if (what->mid.is_response() || content.match_elements<std::string>() || content.match_elements<own_job>())
    return event_based_actor::enqueue(std::move(what), unit);
  ++counters_->foreign_messages;
  if (what->mid.is_request()) caf::detail::sync_request_bouncer{caf::exit_reason::unreachable}(*what);
}

void link_actor::when_gone(const caf::strong_actor_ptr& peer, std::function<void(const caf::error&)> what) {
  peer->get()->attach_functor([self = caf::actor{this}, what = std::move(what)](const caf::error& why) { post(self, [=] { what(why); }); });
}

caf_link::caf_link(caf::actor self, caf::strong_actor_ptr peer, std::shared_ptr<connection> over,
                   std::function<void(const std::shared_ptr<caf_link>&)> closed)
    : over_(std::move(over)), self_(std::move(self)), peer_(std::move(peer)), closed_(std::move(closed)) {}

void caf_link::send(std::string message) {
  if (message.empty() || message.size() > message_bytes_max) detail::broken("a message over a link has 1 byte to 64 KiB");
  if (!home_.is_this_one()) return;
  const std::lock_guard lock{mutex_};
  if (!peer_ || !closed_) return;
  sent_messages_.fetch_add(1, std::memory_order_relaxed);
  sent_bytes_.fetch_add(message.size(), std::memory_order_relaxed);
  peer_->enqueue(caf::actor_cast<caf::strong_actor_ptr>(self_), caf::make_message_id(), caf::make_message(std::move(message)), nullptr);
}

void caf_link::close() {
  if (!home_.is_this_one()) return;
  const std::lock_guard lock{mutex_};
  if (!peer_ || !closed_) return;
  link_actor::post(self_, [closed = std::exchange(closed_, nullptr), self = shared_from_this()] { closed(self); });
}

void caf_link::say_closed() {
  const std::lock_guard lock{mutex_};
  if (peer_) peer_->enqueue(caf::actor_cast<caf::strong_actor_ptr>(self_), caf::make_message_id(), caf::make_message(std::string{}), nullptr);
}

void caf_link::detach() {
  const std::lock_guard lock{mutex_};
  peer_ = nullptr;
  self_ = nullptr;
  closed_ = nullptr;
}

error owner_failed() { return {errc::closed, "the link was closed, because handling a message threw"}; }
error closed_here() { return {errc::closed, "the link was closed here"}; }
error closed_by_peer() { return {errc::closed, "the link was closed by the other node"}; }

error lost_because(const caf::error& why) {
  std::string detail = "the connection has ended";
  if (why == caf::sec::connection_timeout) detail = "nothing has come from the other node for as long as time_out";
  return {errc::unreachable, "the link was lost", std::move(detail)};
}

}  // namespace annals::net
