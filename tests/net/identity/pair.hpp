// A client and a server that know each other's keys, and what passes between them.
#pragma once

#include <net/identity/handshake.hpp>

#include <array>
#include <string>
#include <utility>

#include <boost/test/unit_test.hpp>

/// The same key in every run.
inline annals::net::node_key key_of(unsigned char number) {
  std::array<unsigned char, 32> seed{};
  seed.fill(number);
  return annals::net::node_key::of_seed(seed).value();
}

inline annals::net::public_key public_of(unsigned char number) { return key_of(number).public_half(); }

inline const annals::net::session_id a_session{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

/// Key 1 is the client's, "shop-web", and key 2 the server's, "ledger".
struct pair {
  annals::net::node_key client_key = key_of(1), server_key = key_of(2);
  annals::net::expected_server expected{{public_of(2)}, std::nullopt, std::nullopt};
  annals::net::store_facts facts{"00112233445566778899aabbccddeeff", 7, 100, 0xabcdef, std::nullopt};
  annals::net::version_range client_versions, server_versions;

  annals::net::server_identity server_identity() const {
    return {
        &server_key, "ledger",
        [](std::string_view name) { return name == "shop-web" ? std::vector{public_of(1), public_of(3)} : std::vector<annals::net::public_key>{}; },
        [this](std::optional<std::uint64_t>) { return facts; }, server_versions};
  }
  annals::net::client_handshake client(std::string name = "shop-web") const {
    return annals::net::client_handshake::make(client_key, std::move(name), expected, a_session, 5, client_versions).value();
  }
};

/// The error, or nothing.
template <class T>
std::string why(const annals::result<T>& got) {
  return got ? std::string{} : got.error().message();
}

/// What a message changes into on its way.
using change = std::function<void(std::string& message)>;
inline void nothing(std::string&) {}

/// Runs a handshake to its end. Returns why one of the two refused, or nothing.
inline std::optional<annals::error> refusal_of(const pair& p, const change& hello, const change& challenge = nothing, const change& proof = nothing) {
  const auto identity = p.server_identity();
  auto client = p.client();
  annals::net::server_handshake server{identity};
  auto first = client.hello();
  hello(first);
  auto second = server.answer(first);
  if (!second) return second.error();
  challenge(*second);
  auto third = client.answer(*second);
  if (!third) return third.error();
  proof(third->proof);
  auto fourth = server.finish(third->proof);
  if (!fourth) return fourth.error();
  return std::nullopt;
}

/// The end of a link that one of the two has after a handshake.
struct talking {
  annals::net::client_handshake::done client;
  annals::net::server_handshake::done server;
};
inline talking shake_hands(const pair& p) {
  const auto identity = p.server_identity();
  auto client = p.client();
  annals::net::server_handshake server{identity};
  auto challenge = server.answer(client.hello()).value();
  auto at_client = client.answer(challenge).value();
  auto at_server = server.finish(at_client.proof).value();
  return {std::move(at_client), std::move(at_server)};
}
