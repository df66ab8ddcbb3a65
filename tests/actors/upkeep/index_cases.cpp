// Rule 5: the index trails, is written off the write path, and bounds the tail when it cannot be.
#include "store/inspect/verify.hpp"
#include "support/printed.hpp"
#include "support/virtual_engine.hpp"

#include <boost/test/unit_test.hpp>

using namespace annals;
using namespace world;

namespace {

/// A log of so many streams of one event, and nothing derived.
memory_store without_derived_state(position streams) {
  memory_store store;
  {
    memory_engine e{store};
    for (position i = 0; i < streams; ++i) e.send("a" + std::to_string(i), add{1}).value();
  }
  store.index = std::make_shared<store::memory_derived_disk>();
  store.images = std::make_shared<store::memory_image_disk>();
  return store;
}

options with_a_short_tail(std::size_t records) {
  auto with = memory_engine::quiet();
  with.index_flush_records = with.index_tail_records_max = records;
  return with;
}

store::memory_derived_store& index_of(detail::engine& e) { return dynamic_cast<store::memory_derived_store&>(*e.env().derived); }

std::shared_ptr<detail::waiter> add_one(virtual_engine& e, std::string_view key) {
  return e.engine().send("counter", key, add::about.name, encoded(add{1}), {});
}
}  // namespace

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

BOOST_AUTO_TEST_CASE(case_94_a_start_without_derived_state_ends_when_commands_can_be_taken) {
  constexpr position streams = 2'000, tail = 50;
  const auto store = without_derived_state(streams);
  memory_engine e{store, with_a_short_tail(tail)};
  BOOST_TEST(e.index->mark().at >= streams - tail);
  BOOST_TEST((code_of(e.send("a7", add{1})) == errc{0}));
  BOOST_TEST((code_of(e.send("b", add{1})) == errc{0}));
  BOOST_TEST(store::verify(*e.log).has_value());
}

BOOST_AUTO_TEST_CASE(case_94_commands_wait_while_the_index_is_built) {
  const auto store = without_derived_state(3'000);
  virtual_engine e{store, true, {}, with_a_short_tail(500)};  // each segment is written in parts, with pauses
  const auto old = add_one(e, "a7"), young = add_one(e, "b");
  e.run();
  BOOST_TEST(index_of(e.engine()).mark().at < 1'000u);
  BOOST_TEST(!old->is_answered());
  BOOST_TEST(!young->is_answered());
  e.pass(std::chrono::seconds{1});
  BOOST_TEST_REQUIRE(old->is_answered());
  BOOST_TEST_REQUIRE(young->is_answered());
  BOOST_TEST(old->await().value().accepted.version == 2u);
  BOOST_TEST(young->await().value().accepted.version == 1u);
}

BOOST_AUTO_TEST_CASE(case_94_only_an_index_that_cannot_be_written_makes_commands_overloaded) {
  const auto store = without_derived_state(200);
  auto damaged = store.log->records[150];  // a full tail reads no further than it has room
  store.log->records[150].back() ^= 1;
  std::vector<std::string> failures;
  auto with = with_a_short_tail(50);
  with.on_failure = [&](const failure& f) { failures.push_back(f.who); };
  virtual_engine e{store, true, [](detail::engine& engine) { index_of(engine).failing_flushes = 1'000'000; }, with};
  BOOST_TEST_REQUIRE(!failures.empty());
  for (const auto& who : failures) BOOST_TEST(who == "index writer");
  const auto refused = add_one(e, "a7");
  BOOST_TEST_REQUIRE(refused->is_answered());
  const auto why = refused->await();
  BOOST_TEST((why.error().code == errc::overloaded));
  BOOST_TEST(why.error().message().find("index") != std::string::npos);
  store.log->records[150] = damaged;
  index_of(e.engine()).failing_flushes = 0;
  e.pass(std::chrono::seconds{3});
  e.add("a7");
  e.add("b");
}

BOOST_AUTO_TEST_CASE(case_94_a_start_does_not_wait_for_an_index_that_cannot_be_written) {
  const auto store = without_derived_state(200);
  memory_engine e{store, with_a_short_tail(50), [](detail::engine& engine) { index_of(engine).failing_flushes = 1'000'000; }};
  wait_until([&] { return code_of(e.send("b", add{1})) == errc::overloaded; });
  BOOST_TEST(e.sum("a7", e.engine->head()) == 1);  // read models do not need it
  index_of(*e.engine).failing_flushes = 0;
  wait_until([&] { return code_of(e.send("b", add{1})) == errc{0}; });
}

BOOST_AUTO_TEST_SUITE_END()
