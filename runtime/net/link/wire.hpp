// One TCP connection, plain or TLS, as CAF's I/O loop knows it (a "scribe"), and the socket that takes connections in (a "doorman"). Ours
// in place of CAF's, for what they refuse: CAF reads whatever length a header of 32 bytes announces, up to 4 GiB; makes a TLS context of
// files for each connection, and ends the process when one of them is wrong; and keeps connections that never say anything.
//
// All of this runs in the I/O thread.
#pragma once

#include "net/link/connection.hpp"
#include "net/link/peer_table.hpp"
#include "net/link/sockets.hpp"

#include <caf/all.hpp>
#include <caf/io/all.hpp>
#include <caf/io/network/default_multiplexer.hpp>

#include <functional>
#include <memory>

namespace annals::net {

/// What connections share with the system that they belong to.
struct wire_rules {
  std::shared_ptr<link_counters> counters;
  std::shared_ptr<peer_table> peers;
  std::function<std::shared_ptr<SSL_CTX>()> tls;  // null: plain
};

/// A connection that connect_to() has made. `state` is set to what is known about it.
caf::io::scribe_ptr dialed_wire(caf::io::network::default_multiplexer& loop, connected made, const wire_rules& rules,
                                std::shared_ptr<connection>& state);

/// Takes connections from a socket that listens. `accepted` is told of each, in the I/O thread.
caf::io::doorman_ptr wire_doorman(caf::io::network::default_multiplexer& loop, store::descriptor listening, const wire_rules& rules,
                                  std::function<void(const std::shared_ptr<connection>&)> accepted);

}  // namespace annals::net
