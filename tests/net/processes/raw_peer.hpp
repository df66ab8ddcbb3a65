// A peer that has the library's own links, handshake and seals, and sends whatever it likes over them.
#pragma once

#include "net/identity/handshake.hpp"
#include "net/link/dialer.hpp"
#include "net/link/link_system.hpp"
#include "net/session/channel.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

struct identity_of_peer {
  std::string name;
  annals::net::node_key key;
  annals::net::public_key server;
};

/// One link at a time. All calls but those of the transport come from one thread.
class raw_peer final : annals::net::link_owner {
public:
  explicit raw_peer(identity_of_peer who, std::uint16_t port, std::chrono::milliseconds time_out = std::chrono::hours{1})
      : who_(std::move(who)), port_(port) {
    annals::link_options with;
    with.time_out = time_out;
    system_ = annals::net::link_system::open(with).value();
    dialer_ = annals::net::dialer::start(*system_, *this).value();
  }

  /// Waits for a link, and closes the one before it.
  annals::result<void> dial() {
    hang_up();
    {
      const std::lock_guard lock{mutex_};
      came_.clear();
      lost_.reset();
    }
    dialer_->dial("127.0.0.1", port_);
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [&] { return link_ || lost_; });
    if (!link_) return *lost_;
    return {};
  }
  void hang_up() {
    std::unique_lock lock{mutex_};
    if (!link_) return;
    link_->close();
    changed_.wait(lock, [&] { return !link_; });
  }
  void send(std::string message) {
    const std::lock_guard lock{mutex_};
    if (link_ && !message.empty()) link_->send(std::move(message));
  }
  /// The next message; nothing when the link is lost or this time is over.
  std::optional<std::string> next(std::chrono::milliseconds at_most = std::chrono::minutes{4}) {
    std::unique_lock lock{mutex_};
    changed_.wait_for(lock, at_most, [&] { return !came_.empty() || !link_; });
    if (came_.empty()) return std::nullopt;
    auto message = std::move(came_.front());
    came_.pop_front();
    return message;
  }
  bool is_linked() const {
    const std::lock_guard lock{mutex_};
    return link_ != nullptr;
  }

  annals::net::client_handshake hello(annals::net::version_range versions = {}) {
    session_ = annals::net::new_session_id();
    return annals::net::client_handshake::make(who_.key, who_.name, {{who_.server}, {}, {}}, session_, 1, versions).value();
  }
  /// The whole handshake, as it should be. Errors: what the server refuses it with.
  annals::result<std::shared_ptr<annals::net::channel>> greet(std::size_t frame_bytes_max = std::size_t{64} << 20) {
    auto shake = hello();
    send(shake.hello());
    const auto challenge = next();
    if (!challenge) return gone();
    auto done = shake.answer(*challenge);
    if (!done) return std::move(done).error();
    send(std::move(done->proof));
    std::shared_ptr<annals::net::link> over;
    {
      const std::lock_guard lock{mutex_};
      over = link_;
    }
    if (!over) return gone();
    auto made = std::make_shared<annals::net::channel>(std::move(over), std::move(done->keys), frame_bytes_max);
    const auto accepted = next();
    if (!accepted) return gone();
    if (auto opened = made->open_message(*accepted); !opened) return opened.error();
    return made;
  }

private:
  static annals::error gone() { return {annals::errc::unreachable, "the link was lost in the handshake"}; }

  void opened(const std::shared_ptr<annals::net::link>& l) override {
    const std::lock_guard lock{mutex_};
    link_ = l;
    changed_.notify_all();
  }
  void received(const std::shared_ptr<annals::net::link>& l, std::string_view message) override {
    const std::lock_guard lock{mutex_};
    if (l != link_) return;
    came_.emplace_back(message);
    changed_.notify_all();
  }
  void lost(const std::shared_ptr<annals::net::link>& l, const annals::error& why) override {
    const std::lock_guard lock{mutex_};
    if (l && l != link_) return;
    link_ = nullptr;
    lost_ = why;
    changed_.notify_all();
  }

  const identity_of_peer who_;
  const std::uint16_t port_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::shared_ptr<annals::net::link> link_;  // guarded, as what follows
  std::deque<std::string> came_;
  std::optional<annals::error> lost_;
  annals::net::session_id session_{};
  std::unique_ptr<annals::net::link_system> system_;
  std::unique_ptr<annals::net::dialer> dialer_;
};

/// Sends mutated hellos, proofs and sealed messages for this long. Returns how many links it made; prints what it has met.
std::uint64_t fuzz(raw_peer& peer, std::uint64_t seed, std::chrono::seconds how_long);
