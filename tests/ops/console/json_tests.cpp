#include "ops/console/changes.hpp"
#include "ops/console/moments.hpp"

#include <boost/test/unit_test.hpp>

using namespace annals::ops;

namespace {

std::string changes(const char* before, const char* after) { return text_of(changes_between(json::parse(before), json::parse(after))); }

}  // namespace

BOOST_AUTO_TEST_SUITE(ops_json)

BOOST_AUTO_TEST_CASE(equal_values_have_no_changes) {
  for (const auto* one : {"1", "null", "[]", R"({"a":[1,{"b":2}]})"}) BOOST_TEST(changes(one, one) == "[]", one);
}

BOOST_AUTO_TEST_CASE(fields_are_added_removed_and_changed) {
  BOOST_TEST(changes(R"({"a":1,"b":{"c":2,"d":3}})", R"({"b":{"c":4,"e":5},"a":1})") ==
             R"([{"path":["b","c"],"what":"changed","before":2,"after":4},{"path":["b","e"],"what":"added","before":null,"after":5},)"
             R"({"path":["b","d"],"what":"removed","before":3,"after":null}])");
}

BOOST_AUTO_TEST_CASE(lists_differ_at_their_ends_in_their_places_or_as_a_whole) {
  BOOST_TEST(changes("[1,2]", "[1,2,3,4]") ==
             R"([{"path":[2],"what":"added","before":null,"after":3},{"path":[3],"what":"added","before":null,"after":4}])");
  BOOST_TEST(changes("[1,2,3]", "[1,2]") == R"([{"path":[2],"what":"removed","before":3,"after":null}])");
  BOOST_TEST(changes("[1,2,3]", "[1,9,3]") == R"([{"path":[1],"what":"changed","before":2,"after":9}])");
  BOOST_TEST(changes("[1,2,3]", "[2,3]") == R"([{"path":[],"what":"changed","before":[1,2,3],"after":[2,3]}])");
}

BOOST_AUTO_TEST_CASE(a_value_of_another_kind_is_changed) {
  BOOST_TEST(changes(R"({"a":null})", R"({"a":{"b":1}})") == R"([{"path":["a"],"what":"changed","before":null,"after":{"b":1}}])");
}

BOOST_AUTO_TEST_CASE(times_are_written_and_read) {
  BOOST_TEST(time_text(0) == "1970-01-01T00:00:00.000000Z");
  BOOST_TEST(time_text(1'291'191'960'123'456) == "2010-12-01T08:26:00.123456Z");
  for (const annals::timestamp time : {annals::timestamp{0}, annals::timestamp{1'291'191'960'123'456}, annals::timestamp{951'782'399'999'999}})
    BOOST_TEST((parse_time(time_text(time)) == time));
  BOOST_TEST((parse_time("2010-12-01") == 1'291'161'600'000'000));
  BOOST_TEST((parse_time("2010-12-01T08:26Z") == 1'291'191'960'000'000));
  BOOST_TEST((parse_time("2010-12-01 08:26:00.5") == 1'291'191'960'500'000));
  for (const auto* wrong : {"", "2010", "2010-13-01", "2010-02-30", "2010-12-01T25:00", "2010-12-01T08:60", "2010-12-01T08:26:00.", "2010-12-01x",
                            "-010-12-01", "2010-12-01T08:26:00+01:00"})
    BOOST_TEST(!parse_time(wrong), wrong);
}

BOOST_AUTO_TEST_SUITE_END()
