// The server's end: an actor that is published at an address. Each actor that sends it messages is one link.
#pragma once

#include "net/link/link_system.hpp"
#include "net/session/link.hpp"

#include <annals/result.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

namespace annals::net {

/// Links of one door, closed ones that the peer still holds among them. Beyond it new ones are refused.
inline constexpr std::size_t links_max = 4096;

/// A door that is open. The destructor closes the door and its links, tells the owner, and waits for that; it must not run in a call of the
/// owner's.
class published {
public:
  virtual ~published() = default;
  /// The port, also when the system has chosen it.
  virtual std::uint16_t port() const = 0;
  /// Cuts the connections that are older than `longest` and have opened no link. To be called regularly.
  virtual void cut_idle(std::chrono::milliseconds longest) = 0;
};

struct door_link {
  /// Listens at this address; port 0 lets the system choose. `owner` is told of each peer's links; it must outlive the door. An exception
  /// of the owner closes the link. Errors: bad_option, naming address and port: taken, not an address of this machine, or not loopback in a
  /// system without TLS.
  static result<std::unique_ptr<published>> publish(link_system& system, const std::string& host, std::uint16_t port, link_owner& owner);
};

}  // namespace annals::net
