// CAF's I/O, as a link system runs it. Ours in place of CAF's start and stop, because CAF lets the exception of a thread that cannot be
// started end the process, and because two nodes of CAF may have the same id: it is made of the machine and the pid, which is 1 in many
// containers. Ours is random, so a peer that was started again is never taken for its predecessor, and nobody guesses another node's id.
#pragma once

#include <caf/all.hpp>
#include <caf/io/all.hpp>
#include <caf/io/network/default_multiplexer.hpp>

#include <optional>
#include <system_error>
#include <thread>

namespace annals::net {

class io_module final : public caf::io::middleman {
public:
  /// Makes the actor system load it. If its thread could not be started, `failed` has the reason after the system is made; the system can
  /// then only be destroyed.
  static void load(caf::actor_system_config& config, std::optional<std::system_error>& failed);

  io_module(caf::actor_system& system, std::optional<std::system_error>& failed);

  caf::io::network::default_multiplexer& backend() override { return backend_; }
  void init(caf::actor_system_config& config) override;
  void start() override;
  void stop() override;

private:
  void start_thread();

  std::optional<std::system_error>& failed_;
  caf::io::network::default_multiplexer backend_;
  caf::io::network::multiplexer::supervisor_ptr running_;
  std::thread thread_;
};

/// The actor that speaks CAF's protocol.
caf::actor basp_of(caf::actor_system& system);

}  // namespace annals::net
