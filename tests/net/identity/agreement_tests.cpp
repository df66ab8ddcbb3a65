// Keys of a link, and the tags on its messages.
#include "net/identity/pair.hpp"
#include "support/golden_bytes.hpp"
#include "support/printed.hpp"

#include <boost/test/unit_test.hpp>
#include <net/identity/agreement.hpp>

#include <limits>
#include <random>

using annals::errc;
using namespace annals::net;

namespace {

link_key key_of_bytes(unsigned char byte) {
  link_key key;
  std::fill_n(key.data(), link_key::size(), byte);
  return key;
}

std::string bytes_of(const link_key& key) { return {reinterpret_cast<const char*>(key.data()), link_key::size()}; }

std::string sealed(sealer& by, std::string text) {
  by.seal(text);
  return text;
}

void refuses(unsealer& at, std::string_view message, std::string_view why) {
  const auto opened = at.open(message);
  BOOST_REQUIRE(!opened);
  BOOST_TEST(opened.error().code == errc::undecodable);
  BOOST_TEST(opened.error().message().find(why) != std::string::npos, opened.error().message());
}

}  // namespace

BOOST_AUTO_TEST_SUITE(agreement)

BOOST_AUTO_TEST_CASE(both_sides_have_the_same_two_keys) {
  const auto client = key_agreement::make().value(), server = key_agreement::make().value();
  const auto at_client = client.as_client(server.public_key()).value(), at_server = server.as_server(client.public_key()).value();
  BOOST_TEST(bytes_of(at_client.sending) == bytes_of(at_server.receiving));
  BOOST_TEST(bytes_of(at_client.receiving) == bytes_of(at_server.sending));
  BOOST_TEST(bytes_of(at_client.sending) != bytes_of(at_client.receiving));
}

BOOST_AUTO_TEST_CASE(a_third_node_has_other_keys) {
  const auto client = key_agreement::make().value(), server = key_agreement::make().value(), third = key_agreement::make().value();
  BOOST_TEST(bytes_of(client.as_client(server.public_key()).value().sending) != bytes_of(third.as_client(server.public_key()).value().sending));
}

BOOST_AUTO_TEST_CASE(a_public_key_that_gives_a_known_secret_is_refused) {
  const auto own = key_agreement::make().value();
  for (const unsigned char first : {0, 1}) {
    const agreement_key weak{first};
    BOOST_TEST(own.as_client(weak).error().code == errc::forbidden);
    BOOST_TEST(own.as_server(weak).error().code == errc::forbidden);
  }
}

BOOST_AUTO_TEST_CASE(a_secret_that_is_moved_from_is_wiped) {
  auto key = key_of_bytes(7);
  const auto taken = std::move(key);
  BOOST_TEST(bytes_of(taken) == std::string(32, 7));
  BOOST_TEST(bytes_of(key) == std::string(32, 0));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(seals)

BOOST_AUTO_TEST_CASE(messages_are_opened_in_the_order_in_which_they_were_sealed) {
  sealer by{key_of_bytes(1)};
  unsealer at{key_of_bytes(1)};
  for (const std::size_t size : {0, 1, 15, 16, 17, 255, 65536}) {
    const std::string text(size, 'x');
    const auto message = sealed(by, text);
    BOOST_TEST(message.size() == size + seal_bytes);
    BOOST_TEST(at.open(message).value() == text);
  }
}

BOOST_AUTO_TEST_CASE(the_bytes_of_a_sealed_message_never_change) {
  sealer by{key_of_bytes(1)};
  check_golden("sealed_first", sealed(by, "abc"));
  check_golden("sealed_second", sealed(by, "abc"));
}

BOOST_AUTO_TEST_CASE(a_message_that_was_changed_anywhere_is_refused) {
  sealer by{key_of_bytes(1)};
  const auto message = sealed(by, "a text of some length, longer than one block");
  for (std::size_t i = 0; i < message.size(); ++i) {
    unsealer at{key_of_bytes(1)};
    auto other = message;
    other[i] = static_cast<char>(other[i] ^ 0x20);
    refuses(at, other, "wrong tag");
  }
}

BOOST_AUTO_TEST_CASE(a_message_that_is_cut_or_longer_is_refused) {
  sealer by{key_of_bytes(1)};
  const auto message = sealed(by, "a text");
  for (std::size_t size = 0; size < message.size(); ++size) {
    unsealer at{key_of_bytes(1)};
    refuses(at, std::string_view{message}.substr(0, size), size < seal_bytes ? "without a tag" : "wrong tag");
  }
  unsealer at{key_of_bytes(1)};
  refuses(at, message + '\0', "wrong tag");
}

BOOST_AUTO_TEST_CASE(a_message_that_comes_again_or_early_is_refused) {
  sealer by{key_of_bytes(1)};
  const auto first = sealed(by, "a text"), second = sealed(by, "a text"), third = sealed(by, "a text");
  unsealer at{key_of_bytes(1)};
  BOOST_TEST(at.open(first).has_value());
  refuses(at, first, "message 2 of the link");
  unsealer other{key_of_bytes(1)};
  BOOST_TEST(other.open(first).has_value());
  refuses(other, third, "wrong tag");
  BOOST_TEST(other.open(second).has_value());
}

BOOST_AUTO_TEST_CASE(a_message_of_the_other_direction_is_refused) {
  const pair p;
  auto [client, server] = shake_hands(p);
  sealer by_client{std::move(client.keys.sending)};
  unsealer at_client{std::move(client.keys.receiving)}, at_server{std::move(server.keys.receiving)};
  const auto message = sealed(by_client, "a text");
  refuses(at_client, message, "wrong tag");
  BOOST_TEST(at_server.open(message).value() == "a text");
}

BOOST_AUTO_TEST_CASE(a_message_of_another_link_is_refused) {
  const pair p;
  auto one = shake_hands(p), another = shake_hands(p);
  sealer by{std::move(one.client.keys.sending)};
  unsealer at{std::move(another.server.keys.receiving)};
  refuses(at, sealed(by, "a text"), "wrong tag");
}

BOOST_AUTO_TEST_CASE(no_count_is_used_twice) {
  constexpr auto last = std::numeric_limits<std::uint64_t>::max();
  sealer by{key_of_bytes(1), last - 1};
  unsealer at{key_of_bytes(1), last - 1};
  const auto message = sealed(by, "a text");
  BOOST_TEST(at.open(message).has_value());
  BOOST_TEST(sealed(by, "a text") == "a text" + std::string(seal_bytes, '\0'));
  refuses(at, message, "more messages than one link may carry");
}

BOOST_AUTO_TEST_SUITE_END()
