// The messages with which two nodes get to know each other. messages.cpp has their grammar.
#pragma once

#include "net/identity/agreement.hpp"
#include "net/identity/keys.hpp"

#include <annals/keys.hpp>  // is_node_name
#include <annals/result.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace annals::net {

/// The versions of the protocol between nodes that this program speaks.
inline constexpr std::uint16_t protocol_version_min = 1;
inline constexpr std::uint16_t protocol_version_max = 1;

struct version_range {
  std::uint16_t min = protocol_version_min;
  std::uint16_t max = protocol_version_max;

  friend bool operator==(const version_range&, const version_range&) = default;
};

/// The highest version that both speak. Error: unreachable, with both ranges in one sentence.
result<std::uint16_t> common_version(const version_range& own, const version_range& peer);

inline constexpr std::size_t handshake_bytes_max = 4096;

using session_id = std::array<unsigned char, 16>;
/// One that nobody has had or can guess.
session_id new_session_id();
using handshake_nonce = std::array<unsigned char, 32>;

/// What a client says first.
struct hello {
  version_range versions;
  std::string name;  ///< of the client
  net::public_key key;
  session_id session{};
  std::uint64_t link = 0;  ///< 1, 2, 3 … within the session
  handshake_nonce nonce{};
  agreement_key agreement{};
  std::optional<std::uint64_t> pinned_history;  ///< the history that the client knows

  friend bool operator==(const hello&, const hello&) = default;
};

/// What a server says of its store.
struct store_facts {
  std::string store_id;
  std::uint64_t history = 0;
  std::uint64_t head = 0;      ///< the last durable position
  std::uint64_t checksum = 0;  ///< of the record there; 0: the log is empty
  /// If the history that the client knows is a former one: up to where it is the same as this one.
  std::optional<std::uint64_t> fork;

  friend bool operator==(const store_facts&, const store_facts&) = default;
};

/// What the server answers.
struct challenge {
  std::uint16_t version = 0;
  std::string name;  ///< of the server
  net::public_key key;
  handshake_nonce nonce{};
  agreement_key agreement{};
  store_facts store;

  friend bool operator==(const challenge&, const challenge&) = default;
};

/// The end of a handshake. It is sealed, as everything after it.
struct accepted {
  std::uint64_t taken = 0;  ///< the highest sequence number of the session that the server has taken
  bool session_is_new = false;
  std::uint32_t credit_commands = 0;
  std::uint64_t credit_bytes = 0;
  std::uint32_t credit_questions = 0;
  std::uint32_t credit_deliveries = 0;
  std::uint64_t frame_bytes_max = 0;  ///< the largest command or request that the server takes

  friend bool operator==(const accepted&, const accepted&) = default;
};

std::string encode(const hello& h);
/// Without the signature, which add_signature() appends.
std::string encode(const challenge& c);
/// A proof without its signature.
std::string encode_proof();
std::string encode(const accepted& a);
/// A refusal: the code, the reason and the detail of the error, cut where they are too long.
std::string encode_refusal(const error& why);

void add_signature(std::string& message, const signature& by);

/// Errors of all of them: undecodable, in a sentence that says what is wrong. If the message is a refusal, its error.
result<hello> decode_hello(std::string_view message);
result<challenge> decode_challenge(std::string_view message);
result<void> check_proof(std::string_view message);
result<accepted> decode_accepted(std::string_view message);

/// A signed message is what was signed, and the signature. Call it with a message that was decoded.
struct signed_message {
  std::string_view what;
  signature by;
};
signed_message split_signature(std::string_view message);

}  // namespace annals::net
