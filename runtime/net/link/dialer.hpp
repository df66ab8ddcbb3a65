// The client's end: makes links when it is told to. When to dial again is not its business.
#pragma once

#include "net/link/link_system.hpp"
#include "net/session/link.hpp"

#include <annals/result.hpp>

#include <cstdint>
#include <memory>
#include <string>

namespace annals::net {

class dialer {
public:
  /// `owner` must outlive the dialer. Errors: no_threads.
  static result<std::unique_ptr<dialer>> start(link_system& system, link_owner& owner);
  /// Ends dials and links, tells the owner, and waits for that; it must not run in a call of the owner's. A search for the addresses of a
  /// name delays it for as long as the resolver takes.
  ~dialer();
  dialer(const dialer&) = delete;
  dialer& operator=(const dialer&) = delete;

  /// Makes a link to the door at this address. Never waits. The owner is told by opened(), or by lost() with a null link: unreachable,
  /// timed_out (after link_options::time_out), bad_option (no such address, or TLS is missing), closed (the dialer goes). Dials are done
  /// one after the other. An exception of the owner closes the link.
  void dial(std::string host, std::uint16_t port);

private:
  struct inside;
  explicit dialer(std::shared_ptr<inside> in);
  std::shared_ptr<inside> in_;
};

}  // namespace annals::net
