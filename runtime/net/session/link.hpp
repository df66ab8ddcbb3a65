// One ordered connection between two nodes: messages arrive in order and whole, or the link is lost as a whole. What carries it (CAF, or
// memory in tests) knows nothing of what the messages mean.
#pragma once

#include <annals/result.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace annals::net {

/// The longest message, in bytes: heartbeats share the connection, so nothing may occupy it for long.
inline constexpr std::size_t message_bytes_max = 64 * 1024;

/// One end of a link. Thread-safe. Does not call its owner from within a call.
class link {
public:
  virtual ~link() = default;
  /// Takes a message of at most message_bytes_max. Never waits. Whether it has arrived is not known; after close() or loss it is dropped.
  virtual void send(std::string message) = 0;
  /// Ends the link; what was sent before may still arrive. The owner is told by lost(), once.
  virtual void close() = 0;
};

/// What a transport tells the owner of links, one call at a time, in a thread of the transport.
class link_owner {
public:
  virtual ~link_owner() = default;
  virtual void opened(const std::shared_ptr<link>& l) = 0;
  virtual void received(const std::shared_ptr<link>& l, std::string_view message) = 0;
  /// The last call about this link. A dial that failed is told with a null link.
  virtual void lost(const std::shared_ptr<link>& l, const error& why) = 0;
};

}  // namespace annals::net
