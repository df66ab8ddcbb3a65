// Both ends of a handshake: who is there, and which keys the link has. They only make and check messages: their owner sends and
// receives, and keeps the time.
//
//   client → server   hello
//   server → client   challenge, signed by the server's key over hello and challenge
//   client → server   proof: a signature of the client's key over hello and challenge
//
// Both signatures cover every byte of both messages, both public keys and both nonces among them, and each begins with a text of its own
// direction: what is changed, repeated, sent back or passed on to somebody else is refused. What follows is sealed with the keys agreed.
// A handshake is used once: after an error, or out of order, its functions return misuse.
#pragma once

#include "net/identity/messages.hpp"

#include <annals/result.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace annals::net {

/// Whom a client expects to meet.
struct expected_server {
  std::vector<public_key> keys;            ///< the server has one of these
  std::optional<std::string> store_id;     ///< the store is this one
  std::optional<std::uint64_t> history{};  ///< its history is this one, or continues it
};

class client_handshake {
public:
  struct done {
    std::string proof;  ///< to be sent
    direction_keys keys;
    challenge peer;  ///< what the server said, proved
  };

  /// `key` must outlive it. Errors: bad_option (a name that no node can have, no expected key).
  static result<client_handshake> make(const node_key& key, std::string name, expected_server server, const session_id& session, std::uint64_t link,
                                       version_range versions = {});

  /// The message to send first.
  const std::string& hello() const { return hello_; }

  /// Takes the server's answer. Errors: undecodable; unreachable (no version in common); forbidden (another key, or it cannot prove
  /// it); store_foreign, history_differs (another store or history than expected); what the server refused with, which nobody proves.
  result<done> answer(std::string_view message);

private:
  client_handshake(const node_key& key, expected_server server, key_agreement agreement, version_range versions)
      : key_(&key), server_(std::move(server)), agreement_(std::move(agreement)), versions_(versions) {}
  result<void> check(const challenge& c, std::string_view message) const;

  const node_key* key_;
  expected_server server_;
  key_agreement agreement_;
  version_range versions_;
  std::string hello_;
  bool ended_ = false;
};

/// What a server is for all its handshakes. The key must outlive them.
struct server_identity {
  const node_key* key = nullptr;
  std::string name;
  /// The public keys of the peer of this name; none: nobody is called so.
  std::function<std::vector<public_key>(std::string_view name)> keys_of;
  /// Facts of the store now. `known` is the history that the client knows, if any.
  std::function<store_facts(std::optional<std::uint64_t> known)> facts;
  version_range versions = {};
};

class server_handshake {
public:
  struct done {
    direction_keys keys;
    hello peer;  ///< what the client said, proved
    std::uint16_t version = 0;
  };

  /// `server` must outlive it.
  explicit server_handshake(const server_identity& server) : server_(&server) {}

  /// Takes a hello; returns the challenge to send. Errors: undecodable, unreachable (no version in common), forbidden.
  result<std::string> answer(std::string_view hello);
  /// Takes the proof. Errors: undecodable, forbidden.
  result<done> finish(std::string_view proof);

private:
  const server_identity* server_;
  hello peer_;
  std::uint16_t version_ = 0;
  std::optional<key_agreement> agreement_;
  std::string signed_;  ///< what the client's proof has to cover
  enum class step : std::uint8_t { hello, proof, ended } next_ = step::hello;
};

}  // namespace annals::net
