#include "net/session/uplink.hpp"

#include <algorithm>
#include <utility>

namespace annals::net {

uplink::uplink(uplink_setup setup, caller& calls, surroundings around)
    : setup_(std::move(setup)), calls_(calls), around_(std::move(around)), pause_(setup_.first_pause) {}

std::optional<store_facts> uplink::store() const {
  const std::lock_guard lock{mutex_};
  return store_;
}

std::optional<uplink::steady::time_point> uplink::tick() {
  std::unique_lock lock{mutex_};
  const auto now = around_.now();
  if (phase_ == phase::linked || phase_ == phase::closed) return std::nullopt;
  if (now < due_) return due_;
  if (phase_ != phase::resting) {
    fail(lock, error{errc::unreachable, "the other node did not answer in time", setup_.addresses[address_]});
    return now + setup_.first_pause;
  }
  phase_ = phase::dialling;
  ++link_number_;
  due_ = now + setup_.dial_time_out;
  const auto address = setup_.addresses[address_];
  const auto due = due_;
  lock.unlock();
  around_.dial(address);
  return due;
}

/// Ends what is under way and rests before the next address is tried.
void uplink::fail(std::unique_lock<std::mutex>& lock, error why) {
  const bool was_linked = phase_ == phase::linked;
  link_event told{was_linked ? link_event::kind::lost : link_event::kind::failed, setup_.addresses[address_], link_number_, why};
  const auto ended = std::exchange(link_, nullptr);
  const auto over = std::exchange(channel_, nullptr);
  handshake_.reset();
  if (phase_ != phase::closed) {
    phase_ = phase::resting;
    due_ = around_.now() + pause_;
    pause_ = std::min(2 * pause_, setup_.longest_pause);
    address_ = (address_ + 1) % setup_.addresses.size();
  }
  lock.unlock();
  if (ended) ended->close();
  if (was_linked) calls_.lost(*over);
  calls_.note_failure(why);
  around_.tell(told);
  around_.wake();
}

void uplink::opened(const std::shared_ptr<link>& l) {
  std::unique_lock lock{mutex_};
  if (phase_ != phase::dialling) {
    lock.unlock();
    return l->close();
  }
  auto server = setup_.server;
  if (store_) {  // from the first link on it is this store, and its history goes on
    server.store_id = store_->store_id;
    server.history = store_->history;
  }
  auto begun = client_handshake::make(*setup_.key, setup_.name, std::move(server), calls_.id(), link_number_);
  link_ = l;
  if (!begun) return fail(lock, std::move(begun).error());
  handshake_ = std::move(*begun);
  phase_ = phase::greeting;
  due_ = around_.now() + setup_.hello_time_out;
  l->send(handshake_->hello());
  lock.unlock();
  around_.wake();
}

result<void> uplink::answered_challenge(std::string_view message) {
  auto proven = handshake_->answer(message);
  if (!proven) return std::move(proven).error();
  channel_ = std::make_shared<channel>(link_, std::move(proven->keys), setup_.frame_bytes_max, large_frames::are_passed_over);
  store_ = proven->peer.store;
  phase_ = phase::proving;
  link_->send(std::move(proven->proof));
  return {};
}

result<session_state> uplink::answered_proof(std::string_view message) {
  const auto open = channel_->open_message(message);
  if (!open) {
    // Before it knows the keys, a server can only refuse in the clear. A forged refusal ends the link and does nothing else.
    if (auto refused = decode_accepted(message); !refused && refused.error().code != errc::undecodable) return std::move(refused).error();
    return open.error();
  }
  const auto said = decode_accepted(*open);
  if (!said) return said.error();
  return session_state{said->session_is_new,
                       said->taken,
                       {said->credit_commands, said->credit_questions, said->credit_deliveries, said->credit_bytes},
                       said->frame_bytes_max,
                       {store_->history, store_->head}};
}

void uplink::received(const std::shared_ptr<link>& l, std::string_view message) {
  std::unique_lock lock{mutex_};
  if (l != link_) return;
  if (phase_ == phase::greeting) {
    if (auto ok = answered_challenge(message); !ok) fail(lock, std::move(ok).error());
  } else if (phase_ == phase::proving) {
    auto server = answered_proof(message);
    if (!server) return fail(lock, std::move(server).error());
    phase_ = phase::linked;
    pause_ = setup_.first_pause;
    handshake_.reset();
    const auto over = channel_;
    const link_event told{link_event::kind::linked, setup_.addresses[address_], link_number_};
    lock.unlock();
    calls_.opened(over, *server);
    around_.tell(told);
  } else if (phase_ == phase::linked) {
    const auto over = channel_;
    lock.unlock();  // callbacks of hosts run in here
    auto ok = over->received(message, [&](frame_kind kind, std::string_view payload) { return calls_.received(*over, kind, payload); });
    if (ok) return;
    lock.lock();
    if (l == link_) fail(lock, std::move(ok).error());
  }
}

void uplink::lost(const std::shared_ptr<link>& l, const error& why) {
  std::unique_lock lock{mutex_};
  if (l ? l == link_ : phase_ == phase::dialling) fail(lock, why);
}

void uplink::close() {
  std::unique_lock lock{mutex_};
  phase_ = phase::closed;
  const auto ended = std::exchange(link_, nullptr);
  channel_ = nullptr;
  handshake_.reset();
  lock.unlock();
  if (ended) ended->close();
}

}  // namespace annals::net
