// The caller's end of the links to another node: dials, shows who it is, and dials again when a link is lost. Passive: its owner calls
// tick() when it is time.
//
//   resting ──time──▶ dialling ──opened──▶ greeting ──challenge──▶ proving ──accepted──▶ linked
//      ▲                 │                    │                       │                     │
//      └── lost, refused, or no answer in time: pause of 100 ms, 200 ms … 2 s ◀─────────────┘
//
// Links count only after an answered handshake: a connection may stand with nobody behind it.
#pragma once

#include "net/identity/handshake.hpp"
#include "net/session/caller.hpp"
#include "net/session/link.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace annals::net {

/// How to reach the other node, and as whom.
struct uplink_setup {
  std::string name;  // of this node
  std::shared_ptr<const node_key> key;
  expected_server server;
  std::vector<std::string> addresses;  // tried in turn
  std::chrono::milliseconds hello_time_out{2'000};
  std::chrono::milliseconds dial_time_out{4'000};  // longer than the transport's own limit: it tells how each dial ended
  std::chrono::milliseconds first_pause{100};
  std::chrono::milliseconds longest_pause{2'000};
  std::size_t frame_bytes_max = std::size_t{64} << 20;  // of an answer
};

/// What happens to links; for people and for tests.
struct link_event {
  enum class kind : std::uint8_t { linked, lost, failed } what = kind::linked;
  std::string address;
  std::uint64_t link = 0;      // number within the session
  std::optional<error> why{};  // of lost and failed
};

class uplink final : public link_owner {
public:
  using steady = std::chrono::steady_clock;
  /// What its owner provides. Called without the lock.
  struct surroundings {
    std::function<steady::time_point()> now;
    std::function<void(const std::string& address)> dial;  // is answered by opened() or lost()
    std::function<void()> wake;                            // tick() has something to do now
    std::function<void(const link_event&)> tell;
  };
  uplink(uplink_setup setup, caller& calls, surroundings around);

  void opened(const std::shared_ptr<link>& l) override;
  void received(const std::shared_ptr<link>& l, std::string_view message) override;
  void lost(const std::shared_ptr<link>& l, const error& why) override;
  /// Does what is due. Returns when something is due again.
  std::optional<steady::time_point> tick();
  /// No further link; the present one ends.
  void close();

  /// The store that answered last; empty before the first link.
  std::optional<store_facts> store() const;

private:
  enum class phase : std::uint8_t { resting, dialling, greeting, proving, linked, closed };
  struct step_result {
    std::optional<link_event> told;
    std::shared_ptr<channel> linked;
    session_state server;
  };
  result<void> answered_challenge(std::string_view message);
  result<session_state> answered_proof(std::string_view message);
  void fail(std::unique_lock<std::mutex>& lock, error why);

  const uplink_setup setup_;
  caller& calls_;
  const surroundings around_;
  mutable std::mutex mutex_;  // guards all below
  phase phase_ = phase::resting;
  std::size_t address_ = 0;
  std::uint64_t link_number_ = 0;
  std::shared_ptr<link> link_;
  std::optional<client_handshake> handshake_;
  std::shared_ptr<channel> channel_;
  std::optional<store_facts> store_;
  std::chrono::milliseconds pause_;
  steady::time_point due_{};
};

}  // namespace annals::net
