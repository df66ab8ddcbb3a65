#include "telemetry/histogram.hpp"

#include <boost/test/unit_test.hpp>

#include <limits>

using annals::telemetry::histogram;

BOOST_AUTO_TEST_SUITE(a_histogram)

BOOST_AUTO_TEST_CASE(has_each_value_in_the_bucket_that_ends_right_after_it) {
  std::uint64_t begin = 0;
  for (std::size_t i = 0; i < 252; ++i) {
    const auto end = histogram::end_of(i);
    BOOST_TEST_REQUIRE(begin < end);
    BOOST_TEST_REQUIRE(histogram::bucket_of(begin) == i);
    BOOST_TEST_REQUIRE(histogram::bucket_of(begin + (end - begin) / 2) == i);
    BOOST_TEST_REQUIRE(histogram::bucket_of(end - 1) == i);
    BOOST_TEST_REQUIRE(end - begin <= std::max<std::uint64_t>(1, begin / 4 + 1));  // at most a quarter wide
    begin = end;
  }
  BOOST_TEST(histogram::bucket_of(std::numeric_limits<std::uint64_t>::max()) == 251u);
}

BOOST_AUTO_TEST_CASE(counts_and_sums_up_what_is_added) {
  histogram h;
  h.add(std::uint64_t{7});
  h.add(std::uint64_t{7});
  h.add(std::chrono::microseconds{1});
  h.add(std::chrono::nanoseconds{-5});
  BOOST_TEST(h.count(histogram::bucket_of(7)) == 2u);
  BOOST_TEST(h.count(histogram::bucket_of(1'000)) == 1u);
  BOOST_TEST(h.count(0) == 1u);
  BOOST_TEST(h.sum() == 1'014u);
}

BOOST_AUTO_TEST_CASE(has_a_bound_at_every_power_of_two) {
  for (unsigned power = 0; power < 63; ++power) {
    const auto bound = std::uint64_t{1} << power;
    BOOST_TEST_REQUIRE(histogram::end_of(histogram::bucket_of(bound - 1)) == bound);
  }
}

BOOST_AUTO_TEST_SUITE_END()
