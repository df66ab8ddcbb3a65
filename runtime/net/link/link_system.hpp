// The actor system of a node's links: of its own, because any peer can address any actor of the system that it is connected to. No actor of
// the runtime lives in it.
//
// Its threads: one that actors run in, and that calls owners of links; one for sockets; one that waits for dials, in each dialer.
// A forked child has none of them. There links take nothing, calls answer used_after_fork, and destroying frees nothing and closes nothing.
#pragma once

#include "net/link/wire.hpp"
#include "store/os/forks.hpp"

#include <annals/link_options.hpp>
#include <annals/result.hpp>

#include <caf/all.hpp>

#include <functional>
#include <memory>
#include <mutex>

namespace annals::actors {
class system_thread;
}

namespace annals::net {

class link_system {
public:
  /// Errors: bad_option (TLS files that cannot be used, times out of range), no_threads, overloaded (no file descriptor is left).
  static result<std::unique_ptr<link_system>> open(const link_options& options);
  /// All doors and dialers have to be gone. Waits until the threads have ended; peers that do not take what was sent delay that by half a
  /// second.
  ~link_system();
  link_system(const link_system&) = delete;
  link_system& operator=(const link_system&) = delete;

  /// Reads the TLS files again. Connections from now on use them; those that exist go on. If an error is returned, nothing has changed.
  result<void> reload();
  const link_counters& counters() const { return *rules_.counters; }

  // For doors and dialers.
  const link_options& options() const { return options_; }
  const wire_rules& rules() const { return rules_; }
  bool is_encrypted() const { return options_.tls.has_value(); }
  std::shared_ptr<SSL_CTX> tls() const;  // null: plain
  caf::actor_system& actors() const;
  const caf::actor& basp() const { return basp_; }
  caf::io::network::default_multiplexer& loop() const;
  bool is_in_its_process() const { return home_.is_this_one(); }
  /// Runs `what` in the thread that may spawn actors, and waits.
  void run(std::function<void()> what);
  /// Waits until CAF's broker has turned everything that was sent so far into bytes for its connections.
  void wait_for_basp();

private:
  explicit link_system(const link_options& options);
  void send_the_rest();

  const link_options options_;
  const store::home_process home_;
  mutable std::mutex mutex_;
  std::shared_ptr<SSL_CTX> tls_;  // guarded
  wire_rules rules_;
  std::unique_ptr<actors::system_thread> thread_;
  caf::actor basp_;
};

}  // namespace annals::net
