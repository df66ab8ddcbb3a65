// Keys that two nodes agree on for one link, and the tags that they put on every message: X25519, and ChaCha20-Poly1305 as a MAC.
#pragma once

#include "net/identity/secret.hpp"

#include <annals/result.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace annals::net {

using agreement_key = std::array<unsigned char, 32>;
using link_key = secret<32>;

/// One key for each direction: what one side sends with, the other receives with.
struct direction_keys {
  link_key sending;
  link_key receiving;
};

/// A key pair for one handshake, made for it and wiped after it: who learns the keys of nodes later cannot forge what was said before.
class key_agreement {
public:
  static result<key_agreement> make();
  const agreement_key& public_key() const { return public_; }
  /// The keys of the link with the node whose public key this is. Error: forbidden if it is one that gives a key known to everybody.
  result<direction_keys> as_client(const agreement_key& server) const;
  result<direction_keys> as_server(const agreement_key& client) const;

private:
  key_agreement() = default;
  agreement_key public_{};
  secret<32> secret_;
};

inline constexpr std::size_t seal_bytes = 16;

/// Puts a tag on each message of one direction. The tag covers the bytes and how many messages went before: a message that is
/// changed, repeated, left out or moved is noticed. The bytes stay readable; secrecy is TLS's.
class sealer {
public:
  explicit sealer(link_key key, std::uint64_t sent = 0) : key_(std::move(key)), count_(sent) {}
  /// Appends the tag, seal_bytes long. After 2^64-1 messages the tag is zeros, which the other side refuses.
  void seal(std::string& message);

private:
  link_key key_;
  std::uint64_t count_;
};

/// Checks the tags of one direction.
class unsealer {
public:
  explicit unsealer(link_key key, std::uint64_t received = 0) : key_(std::move(key)), count_(received) {}
  /// The message without its tag: a part of `message`. Error: undecodable; the link must be closed then.
  result<std::string_view> open(std::string_view message);

private:
  link_key key_;
  std::uint64_t count_;
};

}  // namespace annals::net
