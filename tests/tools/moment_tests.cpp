// Moments as people write them.
#include "tools/moment.hpp"
#include "tools/output.hpp"

#include <boost/test/unit_test.hpp>

#include <limits>

using tools::parse_moment;

BOOST_AUTO_TEST_SUITE(moments)

BOOST_AUTO_TEST_CASE(they_are_read_to_the_microsecond) {
  constexpr annals::timestamp day = 1'291'161'600'000'000;  // 2010-12-01
  constexpr annals::timestamp minute = 60'000'000;
  const std::pair<std::string_view, annals::timestamp> read[] = {
      {"2010-12-01", day},
      {"2010-12-01Z", day},
      {"2010-12-01T08:26", day + (8 * 60 + 26) * minute},
      {"2010-12-01T08:26Z", day + (8 * 60 + 26) * minute},
      {"2010-12-01T00:00:07", day + 7'000'000},
      {"2010-12-01T00:00:07.5Z", day + 7'500'000},
      {"2010-12-01T23:59:59.123456Z", day + 24 * 60 * minute - 1'000'000 + 123'456},
      {"1970-01-01", 0},
      {"1969-12-31T23:59:59.999999", -1},
      {"1291161600000000", day},
      {"0", 0},
      {"-5", -5},
  };
  for (const auto& [text, expected] : read) {
    const auto found = parse_moment(text);
    BOOST_TEST_REQUIRE(found.has_value(), text);
    BOOST_TEST(*found == expected, text);
  }
  for (const annals::timestamp time : {day + 1, day + 999'999, 4'102'444'799'999'999})
    BOOST_TEST(parse_moment(tools::time_text(time)).value() == time);
}

BOOST_AUTO_TEST_CASE(what_is_none_is_refused_by_name) {
  for (const std::string_view text :
       {"", "yesterday", "2010-12", "2010-13-01", "2010-02-30", "2010-12-01T", "2010-12-01T24:00", "2010-12-01T08:60", "2010-12-01T08:26:60",
        "2010-12-01T08:26:", "2010-12-01T08:26:00.", "2010-12-01T08:26:00.1234567", "2010-12-01 08:26", "2010-12-01T08:26+01:00",
        "2010-12-01T08:26ZZ", "99999999999999999999", "12.5", "+5", "201O-12-01"}) {
    const auto found = parse_moment(text);
    BOOST_TEST_REQUIRE(!found.has_value(), text);
    BOOST_TEST(found.error().message().find(text) != std::string::npos);
    BOOST_TEST(found.error().message().find("UTC") != std::string::npos);
  }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(amounts)

BOOST_AUTO_TEST_CASE(they_are_shown_with_their_sign) {
  BOOST_TEST(tools::money(0) == "0.00");
  BOOST_TEST(tools::money(-5) == "-0.05");
  BOOST_TEST(tools::money(-123'456) == "-1,234.56");
  BOOST_TEST(tools::money(99) == "0.99");
  BOOST_TEST(tools::money(std::numeric_limits<std::int64_t>::min()) == "-92,233,720,368,547,758.08");
}

BOOST_AUTO_TEST_SUITE_END()
