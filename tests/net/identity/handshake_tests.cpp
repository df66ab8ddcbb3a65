// Handshakes between two nodes that mean well, and what either refuses.
#include "net/identity/pair.hpp"
#include "support/printed.hpp"

#include <boost/test/unit_test.hpp>

using annals::errc;
using annals::error;
using namespace annals::net;

namespace {

void is_refused(const std::optional<error>& why, errc code, std::string_view text) {
  BOOST_REQUIRE(why);
  BOOST_TEST(why->code == code, why->message());
  BOOST_TEST(why->message().find(text) != std::string::npos, why->message());
}

}  // namespace

BOOST_AUTO_TEST_SUITE(handshakes)

BOOST_AUTO_TEST_CASE(each_side_knows_what_the_other_said) {
  const pair p;
  const auto [client, server] = shake_hands(p);
  BOOST_TEST(server.peer.name == "shop-web");
  BOOST_TEST((server.peer.key == public_of(1)));
  BOOST_TEST((server.peer.session == a_session));
  BOOST_TEST(server.peer.link == 5);
  BOOST_TEST(server.version == 1);
  BOOST_TEST(client.peer.name == "ledger");
  BOOST_TEST(client.peer.version == 1);
  BOOST_TEST((client.peer.store == p.facts));
}

BOOST_AUTO_TEST_CASE(each_side_seals_what_the_other_opens) {
  const pair p;
  auto [client, server] = shake_hands(p);
  sealer by_client{std::move(client.keys.sending)}, by_server{std::move(server.keys.sending)};
  unsealer at_client{std::move(client.keys.receiving)}, at_server{std::move(server.keys.receiving)};
  std::string command = "command", answer = "answer";
  by_client.seal(command);
  by_server.seal(answer);
  BOOST_TEST(at_server.open(command).value() == "command");
  BOOST_TEST(at_client.open(answer).value() == "answer");
}

BOOST_AUTO_TEST_CASE(a_second_key_of_either_side_is_as_good) {
  pair p;
  p.client_key = key_of(3);
  p.server_key = key_of(4);
  p.expected.keys = {public_of(2), public_of(4)};
  BOOST_TEST((shake_hands(p).server.peer.key == public_of(3)));
}

BOOST_AUTO_TEST_CASE(no_two_handshakes_have_the_same_nonces_or_agreements) {
  const pair p;
  const auto identity = p.server_identity();
  const auto one = decode_hello(p.client().hello()).value(), other = decode_hello(p.client().hello()).value();
  BOOST_TEST((one.nonce != other.nonce));
  BOOST_TEST((one.agreement != other.agreement));
  server_handshake first{identity}, second{identity};
  const auto here = decode_challenge(first.answer(encode(one)).value()).value(), there = decode_challenge(second.answer(encode(one)).value()).value();
  BOOST_TEST((here.nonce != there.nonce));
  BOOST_TEST((here.agreement != there.agreement));
}

BOOST_AUTO_TEST_CASE(case_41_the_version_is_the_highest_that_both_speak) {
  pair p;
  p.client_versions = {1, 4};
  p.server_versions = {2, 3};
  BOOST_TEST(shake_hands(p).client.peer.version == 3);
  BOOST_TEST(shake_hands(p).server.version == 3);
  p.server_versions = {5, 6};
  is_refused(refusal_of(p, nothing), errc::unreachable, "this node speaks versions 5 to 6, the peer versions 1 to 4");
}

BOOST_AUTO_TEST_CASE(case_41_a_client_takes_no_version_that_it_does_not_speak) {
  pair p;
  const auto client_hello = p.client().hello();
  const auto said = decode_hello(client_hello).value();
  // A server that answers as no server does.
  const auto key = key_of(2);
  challenge c{2, "ledger", key.public_half(), {}, said.agreement, p.facts};
  auto message = encode(c);
  add_signature(message, key.sign("anything"));
  is_refused(p.client().answer(message).error(), errc::unreachable, "this node speaks version 1, the peer version 2");
}

BOOST_AUTO_TEST_CASE(a_client_that_the_server_does_not_know_is_refused) {
  pair p;
  p.client_key = key_of(9);
  is_refused(refusal_of(p, nothing), errc::forbidden, "the peer of this name has another key");
  const auto identity = p.server_identity();
  server_handshake server{identity};
  is_refused(server.answer(p.client("stranger").hello()).error(), errc::forbidden, "no peer has this name (stranger)");
}

BOOST_AUTO_TEST_CASE(a_server_with_another_key_than_expected_is_refused) {
  pair p;
  p.server_key = key_of(9);
  is_refused(refusal_of(p, nothing), errc::forbidden, "the server has another key than expected");
}

BOOST_AUTO_TEST_CASE(another_store_than_expected_is_refused) {
  pair p;
  p.expected.store_id = p.facts.store_id;
  BOOST_TEST(!refusal_of(p, nothing));
  p.expected.store_id = "ffeeddccbbaa99887766554433221100";
  is_refused(refusal_of(p, nothing), errc::store_foreign, "expected ffeeddccbbaa99887766554433221100, there is 00112233445566778899aabbccddeeff");
}

BOOST_AUTO_TEST_CASE(a_history_is_accepted_if_it_is_the_expected_one_or_continues_it) {
  pair p;
  p.expected.history = 7;
  BOOST_TEST(!refusal_of(p, nothing));
  p.expected.history = 6;
  is_refused(refusal_of(p, nothing), errc::history_differs, "does not continue the one");
  p.facts.fork = 50;
  BOOST_TEST(!refusal_of(p, nothing));
  BOOST_TEST(shake_hands(p).client.peer.store.fork.value() == 50);
}

BOOST_AUTO_TEST_CASE(the_server_is_told_the_history_that_the_client_knows) {
  pair p;
  auto identity = p.server_identity();
  std::optional<std::uint64_t> asked = 1;
  identity.facts = [&](std::optional<std::uint64_t> known) { return asked = known, p.facts; };
  server_handshake one{identity}, another{identity};
  BOOST_TEST(one.answer(p.client().hello()).has_value());
  BOOST_TEST(!asked);
  p.expected.history = 6;
  BOOST_TEST(another.answer(p.client().hello()).has_value());
  BOOST_TEST(asked.value() == 6);
}

BOOST_AUTO_TEST_CASE(a_client_needs_a_name_and_somebody_to_expect) {
  const auto key = key_of(1);
  const auto make = [&](std::string name, expected_server server) {
    return client_handshake::make(key, std::move(name), std::move(server), a_session, 1);
  };
  const expected_server known{{public_of(2)}, std::nullopt, std::nullopt};
  BOOST_TEST(make("a", known).has_value());
  BOOST_TEST(make(std::string(255, 'a'), known).has_value());
  for (const auto& name : {std::string{}, std::string(256, 'a'), std::string{"a\tb"}}) BOOST_TEST(make(name, known).error().code == errc::bad_option);
  BOOST_TEST(make("a", {}).error().code == errc::bad_option);
}

BOOST_AUTO_TEST_CASE(a_refusal_of_the_server_is_the_client_s_error) {
  const pair p;
  is_refused(p.client().answer(encode_refusal({errc::forbidden, "no peer has this name"})).error(), errc::forbidden, "no peer has this name");
}

BOOST_AUTO_TEST_CASE(a_handshake_takes_each_message_once_and_in_order) {
  const pair p;
  const auto identity = p.server_identity();
  server_handshake early{identity}, server{identity};
  BOOST_TEST(early.finish("annals\3").error().code == errc::misuse);
  auto client = p.client();
  const auto challenge = server.answer(client.hello()).value();
  BOOST_TEST(server.answer(client.hello()).error().code == errc::misuse);
  const auto done = client.answer(challenge).value();
  BOOST_TEST(client.answer(challenge).error().code == errc::misuse);
  BOOST_TEST(server.finish(done.proof).has_value());
  BOOST_TEST(server.finish(done.proof).error().code == errc::misuse);
}

BOOST_AUTO_TEST_CASE(a_server_goes_on_with_nobody_whom_it_has_refused) {
  const pair p;
  const auto identity = p.server_identity();
  server_handshake server{identity};
  BOOST_TEST(!server.answer("garbage"));
  BOOST_TEST(server.answer(p.client().hello()).error().code == errc::misuse);
}

BOOST_AUTO_TEST_SUITE_END()
