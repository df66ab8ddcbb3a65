// Which messages are commands of the bank and the shop.
#include <tools/intake_orders.hpp>

#include <boost/test/unit_test.hpp>

#include <string>

namespace {

annals::result<std::optional<annals::kafka::order>> mapped(std::string_view value) {
  annals::kafka::message one;
  one.value = value;
  return tools::order_of(one);
}

std::string stream_of(std::string_view value) {
  const auto made = mapped(value).value();
  return made.value().stream;
}

std::string why_not(std::string_view value) {
  const auto made = mapped(value);
  BOOST_REQUIRE(!made.has_value());
  return made.error().message();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(orders_of_an_intake)

BOOST_AUTO_TEST_CASE(a_command_goes_to_the_aggregate_that_its_key_names) {
  BOOST_TEST(stream_of(R"({"command":"open_account","account":"42","owner":"Ada"})") == "account-42");
  BOOST_TEST(stream_of(R"({"command":"deposit","account":"42","cents":5})") == "account-42");
  BOOST_TEST(stream_of(R"({"command":"withdraw","account":"42","cents":5})") == "account-42");
  BOOST_TEST(stream_of(R"({"command":"close_account","account":"42"})") == "account-42");
  BOOST_TEST(stream_of(R"({"command":"request_transfer","transfer":"t","from":"1","to":"2","cents":5})") == "transfer-t");
  BOOST_TEST(stream_of(R"({"command":"place_order","order":"o","customer":"Ada","country":"France","lines":[{"sku":"tea","quantity":1}]})") ==
             "order-o");
  BOOST_TEST(stream_of(R"({"command":"cancel_order","order":"o","reason":"late"})") == "order-o");
  BOOST_TEST(stream_of(R"({"command":"receive_delivery","delivery":"d","kind":"credit_note","lines":[]})") == "delivery-d");
}

BOOST_AUTO_TEST_CASE(a_tombstone_means_nothing) { BOOST_TEST(!tools::order_of({}).value().has_value()); }

BOOST_AUTO_TEST_CASE(what_is_no_command_is_refused_with_the_reason) {
  BOOST_TEST(why_not("five").find("no JSON object") != std::string::npos);
  BOOST_TEST(why_not("[1]").find("no JSON object") != std::string::npos);
  BOOST_TEST(why_not("").find("no JSON object") != std::string::npos);
  BOOST_TEST(why_not(R"({"account":"42"})").find("command") != std::string::npos);
  BOOST_TEST(why_not(R"({"command":7})").find("command") != std::string::npos);
  BOOST_TEST(why_not(R"({"command":"ship_order","order":"o"})").find("ship_order") != std::string::npos);
  BOOST_TEST(why_not(R"({"command":"deposit","cents":5})").find("account") != std::string::npos);
  BOOST_TEST(why_not(R"({"command":"deposit","account":42,"cents":5})").find("account") != std::string::npos);
  BOOST_TEST(why_not(R"({"command":"deposit","account":"42","cents":"5"})").find("cents") != std::string::npos);
  BOOST_TEST(why_not(R"({"command":"deposit","account":"42","cents":5.5})").find("cents") != std::string::npos);
  BOOST_TEST(why_not(R"({"command":"deposit","account":"42","amount":5})").find("amount") != std::string::npos);
  BOOST_TEST(why_not(R"({"command":"place_order","order":"o","lines":[{"sku":"tea","number":1}]})").find("lines.number") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_message_of_any_depth_does_no_harm) {
  const std::string deep(1'000'000, '[');
  BOOST_TEST(why_not(deep).find("no JSON object") != std::string::npos);
  BOOST_TEST(why_not(R"({"command":"deposit","account":"42","cents":)" + deep + std::string(deep.size(), ']') + "}").find("no JSON object") !=
             std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
