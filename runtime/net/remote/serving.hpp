// An open door of a runtime: the link, the sessions, and the threads that move them.
#pragma once

#include "actors/host/engine.hpp"
#include "net/door/door.hpp"
#include "net/door/served_calls.hpp"
#include "net/door/workers.hpp"
#include "net/link/door_link.hpp"
#include "net/link/link_system.hpp"
#include "net/session/pump.hpp"

#include <annals/listen.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>

namespace annals::net {

class serving final : public detail::attachment {
public:
  /// The engine outlives it.
  static result<std::shared_ptr<serving>> open(detail::engine& of, listen_options with);
  ~serving() override;

  std::uint16_t port() const { return port_; }
  /// Of the door, and of connections that never came so far.
  door_counts counts() const;
  result<void> reload();
  void close(std::chrono::milliseconds at_most) override;
  /// False in a child of a fork, where nothing may be touched.
  bool is_ours() const { return home_.is_this_one(); }

private:
  serving(detail::engine& of, listen_options with, std::shared_ptr<const node_key> key, std::shared_ptr<const peers> known);
  std::optional<pump::steady::time_point> tick();
  door_setup setup(std::shared_ptr<const node_key> key) const;

  const store::home_process home_;
  detail::engine& engine_;
  const listen_options with_;
  std::uint16_t port_ = 0;
  pump pump_;
  served_calls calls_;
  door door_;
  void show_counts();

  door_counts shown_;  // in the meters; only tick() uses it
  std::mutex closing_;
  bool is_closed_ = false;  // guarded by closing_
  std::unique_ptr<workers> workers_;
  std::unique_ptr<link_system> system_;
  std::mutex publishing_;
  std::unique_ptr<published> published_;              // guarded by publishing_
  std::shared_ptr<const link_counters> connections_;  // set once, guarded by publishing_
};

}  // namespace annals::net
