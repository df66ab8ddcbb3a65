#include "net/door/door.hpp"

#include <algorithm>
#include <exception>
#include <utility>

namespace annals::net {

door::door(door_setup setup, std::shared_ptr<const peers> known, session_calls& calls, surroundings around)
    : setup_(std::move(setup)),
      calls_(calls),
      bytes_(std::make_shared<share_of_peers>(setup_.memory_max)),
      around_(std::move(around)),
      known_(std::move(known)) {
  identity_.key = setup_.key.get();
  identity_.name = setup_.name;
  identity_.facts = setup_.facts;
  identity_.keys_of = [this](std::string_view name) { return known_->keys_of(name); };  // called under the lock
  bell_->wake = around_.wake;
}

door::~door() {
  const std::lock_guard lock{bell_->mutex};
  bell_->wake = nullptr;
}

void door::opened(const std::shared_ptr<link>& l) {
  const std::lock_guard lock{mutex_};
  const auto waiting = std::count_if(guests_.begin(), guests_.end(), [](const auto& one) { return one.second.at != guest::phase::let_in; });
  if (refusal_ || static_cast<std::size_t>(waiting) >= setup_.links_without_hello_max) {
    l->send(encode_refusal(refusal_ ? *refusal_ : error{errc::overloaded, "too many links wait to be let in"}));
    return l->close();
  }
  auto& g = guests_[l.get()];
  g.until = around_.now() + setup_.hello_time_out;
  around_.wake();
}

void door::count(const error& why) {
  if (why.code == errc::undecodable || why.code == errc::too_large)
    ++counts_.malformed;
  else if (why.code == errc::overloaded)
    ++counts_.overrun;
  else
    ++counts_.refused;
}

void door::turn_away(std::unique_lock<std::mutex>& lock, const std::shared_ptr<link>& l, const error& why) {
  count(why);
  const auto found = guests_.find(l.get());
  if (found != guests_.end()) found->second.is_closed = true;  // what is still on its way is not looked at
  const bool is_in = found != guests_.end() && found->second.at == guest::phase::let_in;
  if (is_in)
    closed_.add(found->second.session->peer() + ": " + why.message());
  else
    refused_.add(why.message());
  lock.unlock();
  if (!is_in) l->send(encode_refusal(why));
  l->close();
  around_.wake();
}

void door::received(const std::shared_ptr<link>& l, std::string_view message) {
  std::unique_lock lock{mutex_};
  const auto found = guests_.find(l.get());
  if (found == guests_.end() || found->second.is_closed) return;  // what was on its way when it was closed
  auto& g = found->second;
  if (g.at != guest::phase::let_in) {
    if (auto ok = step(g, l, message); !ok) turn_away(lock, l, ok.error());
    return;
  }
  const auto session = g.session;
  const auto over = g.over;
  lock.unlock();
  auto ok = over->received(message, [&](frame_kind kind, std::string_view payload) { return session->received(*over, kind, payload); });
  if (ok) return;
  lock.lock();
  turn_away(lock, l, ok.error());
}

result<void> door::step(guest& g, const std::shared_ptr<link>& l, std::string_view message) {
  if (refusal_) return *refusal_;
  if (g.at == guest::phase::opened) {
    g.handshake = std::make_unique<server_handshake>(identity_);
    auto challenge = g.handshake->answer(message);
    if (!challenge) return std::move(challenge).error();
    g.at = guest::phase::challenged;
    l->send(std::move(*challenge));
    return {};
  }
  auto done = g.handshake->finish(message);
  if (!done) return std::move(done).error();
  return let_in(g, l, std::move(*done));
}

result<std::shared_ptr<served_session>> door::session_of(const hello& peer) {
  const auto found = sessions_.find(peer.session);
  if (found != sessions_.end()) {
    auto& kept = found->second;
    if (kept.session->peer() != peer.name) return error{errc::forbidden, "the session belongs to another peer", peer.name};
    if (peer.link <= kept.session->link_number()) return error{errc::forbidden, "the session has a newer link", std::to_string(peer.link)};
    kept.until.reset();
    return kept.session;
  }
  const auto of_peer = std::count_if(sessions_.begin(), sessions_.end(), [&](const auto& one) { return one.second.session->peer() == peer.name; });
  if (static_cast<std::size_t>(of_peer) >= setup_.sessions_of_a_peer_max) return error{errc::overloaded, "the peer has too many sessions", peer.name};
  auto made =
      std::make_shared<served_session>(peer.session, peer.name, setup_.limits, bytes_, calls_, [to = bell_](served_session& one) { to->ring(one); });
  sessions_[peer.session] = {made, std::nullopt};
  return made;
}

result<void> door::let_in(guest& g, const std::shared_ptr<link>& l, server_handshake::done done) {
  // It may have been removed while the handshake was under way.
  const auto keys = known_->keys_of(done.peer.name);
  if (std::find(keys.begin(), keys.end(), done.peer.key) == keys.end())
    return error{errc::forbidden, "the peer's key is not valid any more", done.peer.name};
  auto session = session_of(done.peer);
  if (!session) return std::move(session).error();
  g.session = std::move(*session);
  g.over = std::make_shared<channel>(l, std::move(done.keys), setup_.frame_bytes_max);
  g.at = guest::phase::let_in;
  g.key = done.peer.key;
  g.handshake.reset();
  ++counts_.links;
  // Also if the session was made on an earlier link: the caller has not learned of it if it has said nothing on it.
  const bool is_new = !g.session->is_known();
  const auto taken = g.session->attach(g.over, done.peer.link);
  const auto& most = setup_.limits;
  g.over->send_message(encode(accepted{taken, is_new, most.commands, most.bytes, most.questions, most.deliveries, setup_.frame_bytes_max}));
  return {};
}

void door::lost(const std::shared_ptr<link>& l, const error&) {
  std::unique_lock lock{mutex_};
  const auto found = guests_.find(l.get());
  if (found == guests_.end()) return;
  const auto g = std::move(found->second);
  guests_.erase(found);
  if (!g.session) return;
  const auto kept = sessions_.find(g.session->id());
  // Another link may have taken its place.
  if (kept != sessions_.end() && g.session->has_link(*g.over)) kept->second.until = around_.now() + setup_.session_kept;
  lock.unlock();
  g.session->lost(*g.over);
  around_.wake();
}

void door::bell::ring(served_session& by) {
  const std::lock_guard lock{mutex};
  rung.push_back(by.weak_from_this());
  if (wake) wake();
}

std::size_t door::flush() {
  std::vector<std::weak_ptr<served_session>> all;
  {
    const std::lock_guard lock{bell_->mutex};
    all.swap(bell_->rung);
  }
  std::size_t bytes = 0;
  std::exception_ptr failed;
  for (const auto& one : all) try {
      if (const auto session = one.lock()) bytes += session->flush();
    } catch (...) {
      if (!failed) failed = std::current_exception();
    }
  if (failed) std::rethrow_exception(failed);
  return bytes;
}

std::optional<door::steady::time_point> door::tick() {
  std::unique_lock lock{mutex_};
  const auto now = around_.now();
  std::optional<steady::time_point> next;
  const auto at = [&](steady::time_point due) { next = next ? std::min(*next, due) : due; };
  for (auto& [l, g] : guests_) {
    if (g.at == guest::phase::let_in) continue;
    if (g.until > now) {
      at(g.until);
    } else if (!std::exchange(g.is_closed, true)) {
      ++counts_.timed_out;
      l->close();
    }
  }
  std::vector<std::shared_ptr<served_session>> ended;
  ended.reserve(sessions_.size());  // what is erased below is ended, whatever happens
  for (auto one = sessions_.begin(); one != sessions_.end();) {
    const auto& kept = one->second;
    const bool is_over = kept.until && (*kept.until <= now || kept.session->has_ended());
    if (kept.until && !is_over) at(*kept.until);
    if (is_over) ended.push_back(kept.session);
    one = is_over ? sessions_.erase(one) : std::next(one);
  }
  lock.unlock();
  for (const auto& one : ended) {
    one->end();
    calls_.ended(*one);
  }
  if (const auto due = report_until(now)) at(*due);
  return next;
}

std::optional<door::steady::time_point> door::report_until(steady::time_point due) {
  std::vector<std::string> lines;
  std::optional<steady::time_point> next;
  {
    const std::lock_guard lock{mutex_};
    for (auto* one : {&forbidden_, &refused_, &closed_}) {
      if (const auto when = one->due(); when && *when <= due) lines.push_back(one->take(around_.now()));
      if (const auto when = one->due()) next = next ? std::min(*next, *when) : *when;
    }
  }
  for (const auto& line : lines) around_.report(line);
  return next;
}

std::shared_ptr<const peers> door::known() const {
  const std::lock_guard lock{mutex_};
  return known_;
}

void door::set_known(std::shared_ptr<const peers> all) {
  std::vector<std::shared_ptr<served_session>> gone;
  {
    const std::lock_guard lock{mutex_};
    known_ = std::move(all);
    for (const auto& [l, g] : guests_) {
      if (!g.session) continue;
      const auto keys = known_->keys_of(g.session->peer());
      if (std::find(keys.begin(), keys.end(), g.key) == keys.end()) gone.push_back(g.session);
    }
  }
  for (const auto& one : gone) one->close();
}

void door::count_forbidden(const served_session& of, std::string_view what) {
  const std::lock_guard lock{mutex_};
  ++counts_.forbidden_calls;
  forbidden_.add(of.peer() + ", " + std::string{what});
}

door_counts door::counts() const {
  const std::lock_guard lock{mutex_};
  return counts_;
}

void door::refuse(const error& why) {
  std::vector<std::shared_ptr<served_session>> all;
  {
    const std::lock_guard lock{mutex_};
    if (!refusal_) refusal_ = why;
    for (const auto& [id, one] : sessions_) all.push_back(one.session);
  }
  for (const auto& one : all) one->refuse(why);
}

bool door::is_quiet() const {
  const std::lock_guard lock{mutex_};
  return std::all_of(sessions_.begin(), sessions_.end(), [](const auto& one) { return one.second.session->is_quiet(); });
}

void door::close() {
  std::vector<std::shared_ptr<served_session>> all;
  {
    const std::lock_guard lock{mutex_};
    if (!refusal_) refusal_ = error{errc::closed, "the other node is closed"};
    for (const auto& [id, one] : sessions_) all.push_back(one.session);
  }
  for (const auto& one : all) one->close();
}

}  // namespace annals::net
