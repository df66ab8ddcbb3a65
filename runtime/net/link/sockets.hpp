// Sockets, opened by our own means: CAF's calls wait without a bound, and do not say what went wrong.
#pragma once

#include "net/link/tls_context.hpp"
#include "store/os/descriptor.hpp"

#include <annals/result.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

namespace annals::net {

/// For each thread that uses sockets: writing to one that the peer has closed fails, and nothing more. OpenSSL would let it end the process.
void block_signals_of_writes();

/// host:port, for messages.
std::string address_text(const std::string& host, std::uint16_t port);

struct listening {
  store::descriptor socket;
  std::uint16_t port;
};
/// Listens on the first address of this name. Errors: bad_option, naming address and port: not an address of this machine, taken, or not a
/// loopback address although it must be.
result<listening> listen_on(const std::string& host, std::uint16_t port, bool only_loopback);

/// Ends a wait of another thread.
class interruption {
public:
  interruption();
  void set();
  int descriptor() const { return event_.get(); }

private:
  store::descriptor event_;
};

struct connected {
  store::descriptor socket;  // does not block
  ssl_ptr tls;               // null: plain
};
/// Connects, agrees on TLS if there is a context, and waits until the peer has said something. Blocks, until `deadline` at most; the search
/// for the addresses of a name alone takes as long as the resolver lets it. Errors: bad_option (must be loopback, unknown name),
/// unreachable, timed_out, closed (interrupted).
result<connected> connect_to(const std::string& host, std::uint16_t port, SSL_CTX* tls, std::chrono::steady_clock::time_point deadline,
                             const interruption& stop);

}  // namespace annals::net
