#include "ops/http/message.hpp"

#include <boost/test/unit_test.hpp>

using namespace annals::ops;

BOOST_AUTO_TEST_SUITE(ops_message)

BOOST_AUTO_TEST_CASE(a_target_is_cut_before_it_is_decoded) {
  const auto found = parse_target("/api/streams/a%2Fb?from=1&q=x%26y+z&empty=&alone");
  BOOST_REQUIRE(found);
  BOOST_TEST(found->segments == (std::vector<std::string>{"api", "streams", "a/b"}), boost::test_tools::per_element());
  BOOST_TEST((found->parameter("from") == "1"));
  BOOST_TEST((found->parameter("q") == "x&y z"));
  BOOST_TEST((found->parameter("empty") == ""));
  BOOST_TEST((found->parameter("alone") == ""));
  BOOST_TEST(!found->parameter("nobody"));
}

BOOST_AUTO_TEST_CASE(any_bytes_can_be_named) {
  const auto found = parse_target("/x?id=%00%ff%0A");
  BOOST_REQUIRE(found);
  BOOST_TEST((found->parameter("id") == std::string_view{"\0\xff\n", 3}));
}

BOOST_AUTO_TEST_CASE(what_is_broken_or_too_much_is_no_target) {
  for (const auto* wrong : {"", "api", "*", "/%", "/%4", "/%zz", "/a?b=%g0"}) BOOST_TEST(!parse_target(wrong), wrong);
  std::string deep, wide = "/?";
  for (int n = 0; n < 17; ++n) deep += "/a";
  for (int n = 0; n < 33; ++n) wide += "a=1&";
  BOOST_TEST(!parse_target(deep));
  BOOST_TEST(!parse_target(wide));
}

BOOST_AUTO_TEST_CASE(a_header_that_comes_twice_has_no_value) {
  request asked;
  asked.headers = {{"host", "a"}, {"host", "b"}, {"origin", "c"}};
  BOOST_TEST(!asked.header("host"));
  BOOST_TEST((asked.header("origin") == "c"));
}

BOOST_AUTO_TEST_CASE(a_refusal_shows_any_text_as_text) {
  const auto out = refusal(404, {annals::errc::not_found, "<img src=x onerror=alert(1)>\xff\"\n", "d", 0, 7});
  BOOST_TEST(out.status == 404);
  BOOST_TEST(out.type == "application/json");
  BOOST_TEST(out.body == R"({"error":{"code":"not_found","reason":"<img src=x onerror=alert(1)>)"
                         "\xEF\xBF\xBD"
                         R"(\"\n","detail":"d","place":7}})");
}

BOOST_AUTO_TEST_SUITE_END()
