// Handshakes with somebody between the two nodes, or in the place of one: they end in a refusal.
#include "net/identity/pair.hpp"
#include "support/printed.hpp"

#include <boost/test/unit_test.hpp>

#include <random>

using annals::errc;
using namespace annals::net;

namespace {

/// Every byte of a message is changed in turn; each time one of the two refuses.
void every_byte_counts(const pair& p, std::size_t size, const std::function<std::optional<annals::error>(const change&)>& run) {
  BOOST_REQUIRE(!refusal_of(p, nothing));
  BOOST_REQUIRE(size > 0);
  for (std::size_t i = 0; i < size; ++i)
    for (const int bit : {0x01, 0x80}) {
      const auto why = run([&](std::string& message) { message.at(i) = static_cast<char>(message[i] ^ bit); });
      BOOST_TEST(why.has_value(), "byte " << i << " of " << size << ", bit " << bit);
    }
}

/// As handshake.cpp says.
std::string to_be_signed(std::string text, std::string_view hello, std::string_view challenge) {
  for (const auto part : {hello, challenge}) {
    for (int i = 0; i < 4; ++i) text += static_cast<char>(part.size() >> (8 * i));
    text += part;
  }
  return text;
}

std::string field_of_200() { return {'\xc8', '\1', '\0', 'x'}; }

/// Puts a field that nobody knows before the signature.
void add_field(std::string& message) { message.insert(split_signature(message).what.size(), field_of_200()); }

std::size_t hello_bytes(const pair& p) { return p.client().hello().size(); }

std::size_t challenge_bytes(const pair& p) {
  const auto identity = p.server_identity();
  server_handshake server{identity};
  return server.answer(p.client().hello()).value().size();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(attacks)

BOOST_AUTO_TEST_CASE(a_hello_that_was_changed_anywhere_is_refused) {
  pair p;
  p.expected.history = 7;  // so that each field is there
  every_byte_counts(p, hello_bytes(p), [&](const change& how) { return refusal_of(p, how); });
  BOOST_TEST(refusal_of(p, [](std::string& hello) { hello += field_of_200(); }).value().code == errc::forbidden);
}

BOOST_AUTO_TEST_CASE(a_challenge_that_was_changed_anywhere_is_refused) {
  pair p;
  p.facts.fork = 50;
  every_byte_counts(p, challenge_bytes(p), [&](const change& how) { return refusal_of(p, nothing, how); });
  BOOST_TEST(refusal_of(p, nothing, add_field).value().code == errc::forbidden);
}

BOOST_AUTO_TEST_CASE(a_proof_that_was_changed_anywhere_is_refused) {
  const pair p;
  every_byte_counts(p, encode_proof().size() + 3 + 64, [&](const change& how) { return refusal_of(p, nothing, nothing, how); });
  BOOST_TEST(refusal_of(p, nothing, nothing, add_field).value().code == errc::undecodable);
}

BOOST_AUTO_TEST_CASE(the_version_cannot_be_talked_down) {
  pair p;
  p.client_versions = p.server_versions = {1, 2};
  BOOST_TEST(shake_hands(p).client.peer.version == 2);
  const auto talk_down = [](std::string& hello) {
    auto said = decode_hello(hello).value();
    said.versions.max = 1;
    hello = encode(said);
  };
  BOOST_TEST(refusal_of(p, talk_down).value().message() == "forbidden: the server could not prove its key (ledger)");
}

BOOST_AUTO_TEST_CASE(case_43_a_hello_that_is_sent_again_leads_to_no_link) {
  const pair p;
  const auto identity = p.server_identity();
  auto client = p.client();
  const auto hello = client.hello();
  server_handshake first{identity}, second{identity};
  const auto proof = client.answer(first.answer(hello).value()).value().proof;
  BOOST_TEST(first.finish(proof).has_value());
  BOOST_TEST(second.answer(hello).has_value());
  BOOST_TEST(second.finish(proof).error().code == errc::forbidden);
}

BOOST_AUTO_TEST_CASE(case_43_a_challenge_that_is_sent_again_is_refused) {
  const pair p;
  const auto identity = p.server_identity();
  auto one = p.client(), another = p.client();
  server_handshake server{identity};
  const auto challenge = server.answer(one.hello()).value();
  BOOST_TEST(one.answer(challenge).has_value());
  BOOST_TEST(another.answer(challenge).error().code == errc::forbidden);
}

BOOST_AUTO_TEST_CASE(messages_that_come_back_to_their_sender_are_refused) {
  const pair p;
  const auto identity = p.server_identity();
  auto client = p.client();
  BOOST_TEST(client.answer(client.hello()).error().message() == "undecodable: expected challenge, got hello");
  server_handshake server{identity};
  const auto challenge = server.answer(p.client().hello()).value();
  BOOST_TEST(server.finish(challenge).error().message() == "undecodable: expected proof, got challenge");
}

BOOST_AUTO_TEST_CASE(a_server_s_signature_does_not_prove_a_client) {
  // One key for both roles, and a client's place for a peer that has the server sign for it.
  pair p;
  p.client_key = key_of(1);
  p.server_key = key_of(1);
  p.expected.keys = {public_of(1)};
  BOOST_TEST(!refusal_of(p, nothing));
  std::string challenge;
  const auto why = refusal_of(
      p, nothing, [&](std::string& message) { challenge = message; },
      [&](std::string& proof) {
        proof = encode_proof();
        add_signature(proof, split_signature(challenge).by);
      });
  BOOST_TEST(why.value().code == errc::forbidden);
}

BOOST_AUTO_TEST_CASE(a_node_in_the_middle_can_pass_nothing_on_under_its_own_key) {
  // The client trusts the node in the middle, too, and means to talk to it; the node wants to be the client at the server.
  const pair p;
  const auto identity = p.server_identity();
  const auto own = key_of(5);
  const auto key = key_of(1);
  auto victim = client_handshake::make(key, "shop-web", {{own.public_half()}, std::nullopt, std::nullopt}, a_session, 1).value();
  server_handshake server{identity};
  const auto challenge = server.answer(victim.hello()).value();
  // As it is, the client refuses it; signed again by the node, the server refuses the proof.
  auto relayed = decode_challenge(challenge).value();
  relayed.key = own.public_half();
  auto message = encode(relayed);
  add_signature(message, own.sign(to_be_signed("annals server 1", victim.hello(), message)));
  const auto proved = victim.answer(message);
  BOOST_REQUIRE_MESSAGE(proved, why(proved));
  BOOST_TEST(server.finish(proved->proof).error().message() == "forbidden: the peer could not prove its key (shop-web)");
  auto other = client_handshake::make(key, "shop-web", {{own.public_half()}, std::nullopt, std::nullopt}, a_session, 1).value();
  server_handshake again{identity};
  BOOST_TEST(other.answer(again.answer(other.hello()).value()).error().code == errc::forbidden);
}

BOOST_AUTO_TEST_CASE(a_key_of_the_agreement_that_is_put_in_between_is_refused) {
  const pair p;
  const auto between = key_agreement::make().value();
  const auto in_hello = [&](std::string& message) {
    auto said = decode_hello(message).value();
    said.agreement = between.public_key();
    message = encode(said);
  };
  const auto in_challenge = [&](std::string& message) {
    auto said = decode_challenge(message).value();
    said.agreement = between.public_key();
    const auto by = split_signature(message).by;
    message = encode(said);
    add_signature(message, by);
  };
  BOOST_TEST(refusal_of(p, in_hello).value().code == errc::forbidden);
  BOOST_TEST(refusal_of(p, nothing, in_challenge).value().code == errc::forbidden);
}

BOOST_AUTO_TEST_CASE(a_client_whose_key_of_the_agreement_gives_a_known_secret_is_refused) {
  // It signs well, so that only the agreement itself can refuse it.
  const pair p;
  const auto identity = p.server_identity();
  auto said = decode_hello(p.client().hello()).value();
  said.agreement = {};
  const auto hello = encode(said);
  server_handshake server{identity};
  const auto challenge = server.answer(hello).value();
  auto proof = encode_proof();
  add_signature(proof, p.client_key.sign(to_be_signed("annals client 1", hello, challenge)));
  BOOST_TEST(server.finish(proof).error().message() == "forbidden: the peer's key of the agreement is not random");
}

BOOST_AUTO_TEST_CASE(random_bytes_are_refused_by_both) {
  const pair p;
  const auto identity = p.server_identity();
  const auto good = p.client().hello();
  server_handshake asked{identity};
  const auto challenge = asked.answer(good).value();
  std::mt19937 random{20240917};
  const auto below = [&](std::size_t bound) { return static_cast<std::size_t>(random() % bound); };
  const auto mangled = [&](std::string text) {
    for (std::size_t changes = below(8); changes > 0 && !text.empty(); --changes) text[below(text.size())] = static_cast<char>(random());
    if (below(3) == 0) text.resize(below(text.size() + 1));
    if (below(3) == 0) text.insert(below(text.size() + 1), std::string(below(40), static_cast<char>(random())));
    return text;
  };
  for (int round = 0; round < 20'000; ++round) {
    std::string noise(below(300), '\0');
    for (auto& byte : noise) byte = static_cast<char>(random());
    if (round % 2 == 0) noise = "annals" + std::string(1, static_cast<char>(1 + below(5))) + noise;
    BOOST_REQUIRE(!decode_hello(noise));
    BOOST_REQUIRE(!decode_challenge(noise));
    BOOST_REQUIRE(!check_proof(noise));
    BOOST_REQUIRE(!decode_accepted(noise));
    static_cast<void>(decode_hello(mangled(good)));  // some are well formed: the signature finds them
    static_cast<void>(decode_challenge(mangled(challenge)));
  }
  for (int round = 0; round < 500; ++round) {
    const auto other_hello = mangled(good), other_challenge = mangled(challenge);
    auto client = p.client();
    BOOST_REQUIRE(!client.answer(other_challenge));
    server_handshake server{identity};
    if (!server.answer(other_hello)) continue;
    BOOST_REQUIRE(!server.finish(mangled(other_challenge)));
  }
}

BOOST_AUTO_TEST_SUITE_END()
