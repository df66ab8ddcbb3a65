#include "connectors/kafka/partition_offsets.hpp"

#include <rapidcheck.h>
#include <boost/test/unit_test.hpp>

#include <set>
#include <vector>

using annals::kafka::partition_offsets;

BOOST_AUTO_TEST_SUITE(kafka_partition_offsets)

BOOST_AUTO_TEST_CASE(nothing_is_committed_past_a_message_without_an_answer) {
  BOOST_TEST(rc::check([](const std::vector<bool>& answers) {
    partition_offsets offsets;
    std::set<std::int64_t> open;
    std::int64_t next = 0;
    for (const bool is_answer : answers) {
      if (is_answer && !open.empty()) {
        const auto one = *std::next(open.begin(), *rc::gen::inRange<std::size_t>(0, open.size()));
        open.erase(one);
        offsets.answered(one);
      } else {
        next += *rc::gen::inRange(1, 4);  // with gaps
        open.insert(next);
        offsets.taken(next);
      }
      const auto to_commit = offsets.to_commit();
      const auto low = open.empty() ? next + 1 : *open.begin();
      if (next > 0) RC_ASSERT(to_commit == low);
    }
    if (const auto last = offsets.to_commit()) {
      offsets.committed(*last);
      RC_ASSERT(!offsets.to_commit());
    }
  }));
}

BOOST_AUTO_TEST_CASE(a_message_that_stays_open_keeps_few_others_in_memory) {
  partition_offsets offsets;
  offsets.taken(0);
  for (std::int64_t one = 1; one < 100'000; ++one) {
    offsets.taken(one);
    offsets.answered(one);
    BOOST_REQUIRE(offsets.kept() < 100u);
  }
  BOOST_TEST(offsets.to_commit().value_or(0) == 0);
  offsets.answered(0);
  BOOST_TEST(offsets.to_commit().value() == 100'000);
}

BOOST_AUTO_TEST_CASE(a_message_that_comes_once_more_is_open_again) {
  partition_offsets offsets;
  for (const std::int64_t one : {5, 6, 7}) offsets.taken(one);
  offsets.answered(6);
  offsets.answered(6);
  offsets.answered(9);
  BOOST_TEST(offsets.open() == 2u);
  BOOST_TEST(!offsets.is_open(6));
  offsets.taken(6);
  BOOST_TEST(offsets.is_open(6));
  BOOST_TEST(offsets.is_open(7));
  offsets.answered(5);
  BOOST_TEST(offsets.to_commit().value() == 6);
}

BOOST_AUTO_TEST_SUITE_END()
