// The name of a session: what a handle and a server agree on across links.
#pragma once

#include "net/identity/messages.hpp"

#include <cstdint>
#include <string>

namespace annals::net {

/// 32 hex digits.
inline std::string to_hex(const session_id& id) {
  constexpr char digits[] = "0123456789abcdef";
  std::string hex;
  hex.reserve(2 * id.size());
  for (const auto byte : id) hex.append(1, digits[byte >> 4]).append(1, digits[byte & 15]);
  return hex;
}

/// The id of a command whose sender gave none: it takes effect once, even across a restart of the server.
inline std::string made_id(const std::string& session_in_hex, std::uint64_t sequence) { return session_in_hex + '-' + std::to_string(sequence); }

/// What one session may have outstanding: taken and not confirmed.
struct credit {
  std::uint32_t commands = 16'384;
  std::uint32_t questions = 1'024;                // every other call, but those of subscriptions
  std::uint32_t deliveries = 256;                 // calls of subscriptions
  std::uint64_t bytes = std::uint64_t{64} << 20;  // of commands; of the answers to questions; and of deliveries
  friend bool operator==(const credit&, const credit&) = default;
};

}  // namespace annals::net
