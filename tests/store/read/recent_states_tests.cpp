// Case 91: asking again for a state costs only the events since then.
#include "store/read/recent_states.hpp"

#include <boost/test/unit_test.hpp>

using namespace annals;
using store::recent_states;

namespace {
store::begun_state of_version(version v) { return {nullptr, v, 0, 0}; }
}  // namespace

BOOST_AUTO_TEST_SUITE(recent_states_of_streams)

BOOST_AUTO_TEST_CASE(case_91_a_state_is_handed_out_once_until_it_is_given_back) {
  recent_states some{2};
  BOOST_TEST(!some.take("a-1"));
  some.give_back("a-1", of_version(3));
  BOOST_TEST(some.take("a-1").value().version == 3u);
  BOOST_TEST(!some.take("a-1"));
}

BOOST_AUTO_TEST_CASE(case_91_of_two_the_newer_stays_whoever_is_first) {
  recent_states some{2};
  some.give_back("a-1", of_version(3));
  some.give_back("a-1", of_version(2));
  BOOST_TEST(some.take("a-1").value().version == 3u);
  some.give_back("a-1", of_version(3));
  some.give_back("a-1", of_version(4));
  BOOST_TEST(some.take("a-1").value().version == 4u);
  BOOST_TEST(!some.take("a-1"));
}

BOOST_AUTO_TEST_CASE(case_91_the_one_that_was_not_asked_for_longest_goes) {
  recent_states some{2};
  for (const auto* stream : {"a-1", "a-2"}) some.give_back(stream, of_version(1));
  some.give_back("a-1", some.take("a-1").value());
  some.give_back("a-3", of_version(1));
  BOOST_TEST(some.take("a-1").has_value());
  BOOST_TEST(!some.take("a-2"));
  BOOST_TEST(some.take("a-3").has_value());
}

BOOST_AUTO_TEST_SUITE_END()
