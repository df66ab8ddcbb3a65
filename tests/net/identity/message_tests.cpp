// Bytes of the messages of a handshake, and what is refused before anybody looks at a signature.
#include "net/identity/pair.hpp"
#include "support/golden_bytes.hpp"
#include "support/printed.hpp"

#include <boost/test/unit_test.hpp>
#include <net/identity/messages.hpp>

using annals::errc;
using annals::error;
using namespace annals::net;

BOOST_TEST_DONT_PRINT_LOG_VALUE(accepted)

namespace {

template <std::size_t N>
std::array<unsigned char, N> filled(unsigned char byte) {
  std::array<unsigned char, N> bytes{};
  bytes.fill(byte);
  return bytes;
}

hello a_hello() { return {{1, 3}, "shop-web", public_of(1), a_session, 5, filled<32>(0x11), filled<32>(0x22), 7}; }

challenge a_challenge() {
  return {2, "ledger", public_of(2), filled<32>(0x33), filled<32>(0x44), {"00112233445566778899aabbccddeeff", 8, 100, 0xabcdef, 42}};
}

std::string field(unsigned char tag, std::string_view value) {
  return std::string{static_cast<char>(tag), static_cast<char>(value.size()), static_cast<char>(value.size() >> 8)}.append(value);
}

/// A hello of which one field is written otherwise; without a value it is left out.
std::string hello_with(unsigned char tag, std::optional<std::string> value) {
  const std::string key{reinterpret_cast<const char*>(public_of(1).bytes.data()), 32};
  std::string message = "annals\1";
  for (const auto& [t, usual] : std::vector<std::pair<unsigned char, std::string>>{{1, {"\1\0", 2}},
                                                                                   {2, {"\3\0", 2}},
                                                                                   {3, "shop-web"},
                                                                                   {4, key},
                                                                                   {5, std::string(16, 's')},
                                                                                   {6, {"\5\0\0\0\0\0\0\0", 8}},
                                                                                   {7, std::string(32, 'n')},
                                                                                   {8, std::string(32, 'a')},
                                                                                   {200, ""}}) {
    if (t == tag && value) message += field(t, *value);
    if (t != tag && t != 200) message += field(t, usual);
  }
  return message;
}

void refuses_hello(const std::string& message, std::string_view why) {
  const auto read = decode_hello(message);
  BOOST_REQUIRE_MESSAGE(!read, why);
  BOOST_TEST(read.error().code == errc::undecodable);
  BOOST_TEST(read.error().message().find(why) != std::string::npos, read.error().message() << " | " << why);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(messages)

BOOST_AUTO_TEST_CASE(the_bytes_of_the_handshake_never_change) {
  check_golden("hello", encode(a_hello()));
  auto message = encode(a_challenge());
  check_golden("challenge", message);
  add_signature(message, filled<64>(0x55));
  check_golden("signed_challenge", message);
  check_golden("proof", encode_proof());
  check_golden("accepted", encode(accepted{9, true, 1000, 1 << 20, 200, 300, 1 << 24}));
  check_golden("refusal", encode_refusal({errc::forbidden, "no", "why"}));
}

BOOST_AUTO_TEST_CASE(what_was_written_is_read) {
  BOOST_TEST((decode_hello(encode(a_hello())).value() == a_hello()));
  auto without = a_hello();
  without.pinned_history.reset();
  BOOST_TEST((decode_hello(encode(without)).value() == without));
  auto message = encode(a_challenge());
  add_signature(message, filled<64>(0x55));
  BOOST_TEST((decode_challenge(message).value() == a_challenge()));
  BOOST_TEST((split_signature(message).by == filled<64>(0x55)));
  BOOST_TEST(split_signature(message).what == encode(a_challenge()));
  const accepted a{9, true, 1000, 1 << 20, 200, 300, 1 << 24}, b{};
  BOOST_TEST(decode_accepted(encode(a)).value() == a);
  BOOST_TEST(decode_accepted(encode(b)).value() == b);
}

BOOST_AUTO_TEST_CASE(unknown_fields_are_ignored) {
  BOOST_TEST((decode_hello(encode(a_hello()) + field(200, "of a newer program")).value() == a_hello()));
}

BOOST_AUTO_TEST_CASE(case_39_each_field_of_a_hello_is_needed_and_has_its_length) {
  BOOST_TEST(decode_hello(hello_with(200, "x")).has_value());
  const std::vector<std::pair<unsigned char, std::string>> fields{
      {1, "first version"}, {2, "last version"}, {3, "name"},  {4, "key"},
      {5, "session"},       {6, "link number"},  {7, "nonce"}, {8, "key of the agreement"}};
  for (const auto& [tag, called] : fields) {
    refuses_hello(hello_with(tag, std::nullopt), "hello has no " + called);
    refuses_hello(hello_with(tag, ""), "hello has a " + called + " of 0 bytes");
    refuses_hello(hello_with(tag, std::string(300, 'x')), "hello has a " + called + " of 300 bytes");
  }
}

BOOST_AUTO_TEST_CASE(case_39_values_that_make_no_sense_are_refused) {
  refuses_hello(hello_with(1, std::string(2, '\0')), "no range of versions");
  refuses_hello(hello_with(1, std::string{"\4\0", 2}), "no range of versions");
  refuses_hello(hello_with(6, std::string(8, '\0')), "link number 0");
  refuses_hello(hello_with(3, "shop\nweb"), "control characters");
  refuses_hello(hello_with(3, std::string{"shop\0web", 8}), "control characters");
  refuses_hello(encode(a_hello()) + field(9, "12345678"), "field 9 after field 9");
  refuses_hello(encode(a_hello()) + field(3, "other"), "field 3 after field 9");
  auto neither_new_nor_old = encode(accepted{9, true, 1000, 1 << 20, 200, 300, 1 << 24});
  neither_new_nor_old.at(7 + 11 + 3) = 2;
  BOOST_TEST(decode_accepted(neither_new_nor_old).error().message() == "undecodable: accepted has a mark of a new session that is neither 0 nor 1");
}

BOOST_AUTO_TEST_CASE(case_39_a_message_that_is_cut_anywhere_is_refused) {
  auto without = a_hello();
  without.pinned_history.reset();  // without it, the hello would be whole before its end
  const auto message = encode(without);
  for (std::size_t size = 0; size < message.size(); ++size) BOOST_TEST(!decode_hello(message.substr(0, size)), size);
}

BOOST_AUTO_TEST_CASE(case_39_a_message_of_more_than_4_kib_is_refused) {
  const auto most = handshake_bytes_max - encode(a_hello()).size() - 3;
  BOOST_TEST(decode_hello(encode(a_hello()) + field(200, std::string(most, 'x'))).has_value());
  refuses_hello(encode(a_hello()) + field(200, std::string(most + 1, 'x')), "4097 bytes, at most 4096");
}

BOOST_AUTO_TEST_CASE(case_40_another_protocol_or_kind_is_refused) {
  refuses_hello("", "does not speak the protocol of annals");
  refuses_hello("annals", "does not speak the protocol of annals");
  refuses_hello("GET / HTTP/1.1\r\n", "does not speak the protocol of annals");
  refuses_hello(std::string{"annals\0", 7}, "unknown kind 0");
  refuses_hello("annals\6", "unknown kind 6");
  refuses_hello("annals\3", "expected hello, got proof");
}

BOOST_AUTO_TEST_CASE(a_refusal_instead_of_an_answer_is_its_error) {
  const error why{errc::forbidden, "no peer has this name", "shop-web"};
  for (const auto& got : {decode_challenge(encode_refusal(why)).error(), decode_accepted(encode_refusal(why)).error()}) BOOST_TEST((got == why));
}

BOOST_AUTO_TEST_CASE(a_refusal_shows_no_control_characters_and_ends_somewhere) {
  const auto got = decode_challenge(encode_refusal({errc::forbidden, "a\x1b[2Jb\n", std::string(100'000, 'x')})).error();
  BOOST_TEST(got.reason == "a?[2Jb?");
  BOOST_TEST(got.detail == std::string(1024, 'x'));
}

BOOST_AUTO_TEST_CASE(case_41_the_highest_common_version_is_chosen_or_both_ranges_are_told) {
  BOOST_TEST(common_version({1, 1}, {1, 1}).value() == 1);
  BOOST_TEST(common_version({1, 3}, {2, 5}).value() == 3);
  BOOST_TEST(common_version({2, 5}, {1, 3}).value() == 3);
  BOOST_TEST(common_version({1, 9}, {4, 4}).value() == 4);
  BOOST_TEST(common_version({1, 1}, {2, 3}).error().reason == "this node speaks version 1, the peer versions 2 to 3");
  BOOST_TEST(common_version({2, 3}, {1, 1}).error().reason == "this node speaks versions 2 to 3, the peer version 1");
  BOOST_TEST(common_version({2, 3}, {1, 1}).error().code == errc::unreachable);
}

BOOST_AUTO_TEST_SUITE_END()
