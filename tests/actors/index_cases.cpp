// Design rule 5: the index trails, is written off the write path, and bounds the tail when it cannot be.
#include "store/verify.hpp"
#include "support/memory_engine.hpp"

#include <boost/test/unit_test.hpp>

using namespace annals;
using namespace world;

namespace {
errc code_of(const result<receipt>& r) { return r ? errc{0} : r.error().code; }
}  // namespace

BOOST_TEST_DONT_PRINT_LOG_VALUE(annals::errc)

BOOST_AUTO_TEST_SUITE(rules)

BOOST_AUTO_TEST_CASE(rule_5_an_index_that_cannot_be_written_makes_commands_overloaded_and_recovers) {
  memory_store store;
  auto with = memory_engine::quiet();
  with.index_flush_records = 10;
  with.index_tail_records_max = 50;
  memory_engine e{store, with};
  e.index->failing_flushes = 1'000'000;
  errc code{0};
  for (int i = 0; i < 100'000 && code == errc{0}; ++i) code = code_of(e.send("a", add{1}));
  BOOST_TEST((code == errc::overloaded));
  e.index->failing_flushes = 0;
  wait_until([&] { return code_of(e.send("a", add{1})) == errc{0}; });
  BOOST_TEST(store::verify(*e.log).has_value());
}

BOOST_AUTO_TEST_CASE(rule_5_the_index_of_many_streams_is_written_in_parts_that_fail_and_go_on) {
  memory_store store;
  constexpr position streams = 350;
  {
    memory_engine e{store};
    e.index->failing_flushes = 2;
    for (position i = 0; i < streams; ++i) e.send("a" + std::to_string(i), add{1}).value();
    wait_until([&] { return e.index->mark().at == streams; });
    BOOST_TEST(e.index->runs_at_once <= 100u);
    for (position i = 0; i < 10; ++i) e.send("a" + std::to_string(i), add{1}).value();
  }
  BOOST_TEST(store.index->mark.at == streams + 10);
  std::size_t versions = 0;
  for (const auto& [stream, positions] : store.index->streams) versions += positions.size();
  BOOST_TEST(versions == streams + 10);
}

BOOST_AUTO_TEST_SUITE_END()
