#include "telemetry/span_ring.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

using namespace annals;
using namespace annals::telemetry;

namespace {

trace_span named(std::string name) {
  trace_span one;
  one.name = std::move(name);
  return one;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(a_ring_of_spans)

BOOST_AUTO_TEST_CASE(gives_out_what_was_put_in_the_oldest_first) {
  span_ring ring{4};
  BOOST_TEST(ring.take(10).empty());
  for (int round = 0; round < 10; ++round) {
    for (const auto* name : {"a", "b", "c"}) ring.put(named(name));
    BOOST_TEST(ring.size() == 3u);
    const auto two = ring.take(2);
    BOOST_TEST_REQUIRE(two.size() == 2u);
    BOOST_TEST(two[0].name == "a");
    BOOST_TEST(two[1].name == "b");
    BOOST_TEST(ring.take(5).at(0).name == "c");
    BOOST_TEST(ring.size() == 0u);
  }
  BOOST_TEST(ring.dropped().count() == 0u);
}

BOOST_AUTO_TEST_CASE(drops_what_it_has_no_place_for_and_counts_it) {
  span_ring ring{4};
  for (int i = 0; i < 10; ++i) ring.put(named(std::to_string(i)));
  BOOST_TEST(ring.size() == 4u);
  BOOST_TEST(ring.dropped().count() == 6u);
  const auto all = ring.take(100);
  BOOST_TEST_REQUIRE(all.size() == 4u);
  for (int i = 0; i < 4; ++i) BOOST_TEST(all[static_cast<std::size_t>(i)].name == std::to_string(i));
  ring.put(named("again"));
  BOOST_TEST(ring.take(1).at(0).name == "again");
}

BOOST_AUTO_TEST_CASE(counts_what_became_of_those_that_were_taken) {
  span_ring ring;
  span_queue& queue = ring;
  queue.exported(3);
  queue.failed(2);
  queue.exported(1);
  BOOST_TEST(ring.exported().count() == 4u);
  BOOST_TEST(ring.failed().count() == 2u);
}

BOOST_AUTO_TEST_CASE(loses_none_and_doubles_none_when_several_put_at_once) {
  constexpr std::size_t writers = 4, each = 50'000;
  span_ring ring{256};
  std::vector<std::thread> threads;
  std::atomic<std::size_t> running{writers};
  for (std::size_t w = 0; w < writers; ++w)
    threads.emplace_back([&, w] {
      for (std::size_t i = 1; i <= each; ++i) {
        auto one = named("a name that does not fit into the string itself");
        one.version = w;
        one.at = i;
        ring.put(std::move(one));
      }
      --running;
    });
  std::vector<position> last(writers, 0);
  std::size_t taken = 0;
  for (bool is_last = false; !is_last;) {
    is_last = running == 0;
    for (const auto& one : ring.take(64)) {
      BOOST_TEST_REQUIRE(one.name == "a name that does not fit into the string itself");
      BOOST_TEST_REQUIRE(one.at > last.at(one.version));  // each writer's come in their order
      last[one.version] = one.at;
      ++taken;
      is_last = false;
    }
  }
  for (auto& one : threads) one.join();
  BOOST_TEST(taken + ring.dropped().count() == writers * each);
  BOOST_TEST(ring.size() == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
