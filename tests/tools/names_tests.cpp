// Names of any bytes, shown so that they can be typed.
#include "tools/names.hpp"

#include <boost/test/unit_test.hpp>

#include <random>

using tools::parse_name;
using tools::shown_name;

BOOST_AUTO_TEST_SUITE(names)

BOOST_AUTO_TEST_CASE(text_is_shown_as_it_is) {
  for (const std::string name : {"", "account-42", "konto-Zürich", "口座-1", "x-😀"}) {
    BOOST_TEST(shown_name(name) == name);
    BOOST_TEST(parse_name(name) == name);
  }
}

BOOST_AUTO_TEST_CASE(case_105_bytes_that_are_no_text_are_shown_in_hexadecimal_digits) {
  BOOST_TEST(shown_name("a-\xff\x41") == "a-\\xffA");
  BOOST_TEST(shown_name("a-\xc3") == "a-\\xc3");                                      // cut off
  BOOST_TEST(shown_name("a-\xc0\xaf\xed\xa0\x80") == "a-\\xc0\\xaf\\xed\\xa0\\x80");  // overlong, a surrogate
  BOOST_TEST(shown_name("a-\xf4\x90\x80\x80") == "a-\\xf4\\x90\\x80\\x80");           // past the last character
  BOOST_TEST(shown_name("a-\\xff") == "a-\\\\xff");
  BOOST_TEST(shown_name("a-\x1b[2J\n\x7f") == "a-\\x1b[2J\\x0a\\x7f");  // terminals obey control characters
  BOOST_TEST(shown_name("a-\xc2\x85\xc2\xa0") == "a-\\xc2\\x85\xc2\xa0");
  BOOST_TEST(parse_name("a-\\xff\\x4") == "a-\xff\\x4");
  BOOST_TEST(parse_name("a-\\\\xff") == "a-\\xff");
}

BOOST_AUTO_TEST_CASE(case_105_every_name_comes_back) {
  std::mt19937 random{7};
  for (int i = 0; i < 20'000; ++i) {
    std::string name(random() % 12, '\0');
    for (auto& c : name) c = random() % 3 ? static_cast<char>(random()) : "\\xf0\x9f"[random() % 6];
    BOOST_TEST_REQUIRE(parse_name(shown_name(name)) == name);
  }
}

BOOST_AUTO_TEST_SUITE_END()
