#include "connectors/redis/keys.hpp"
#include "connectors/support/gated.hpp"
#include "support/wait_until.hpp"

#include <boost/test/unit_test.hpp>

using namespace connectors;

BOOST_FIXTURE_TEST_SUITE(a_rebuild, emptied)

struct rebuilt : sums_in_redis<rebuilt> {
  static constexpr std::string_view name = "rebuilt";
  static constexpr std::size_t partitions = 2;
};

BOOST_AUTO_TEST_CASE(takes_the_place_of_what_serves_while_events_come) {
  counting world;
  auto sink = begin<rebuilt>(world.rt(), {.address = to_server().address, .batch_max = 50});
  reach(sink, world.add_many(2'000)).value();
  ask({"HSET", "{rebuilt}:sums", "c1", "0"});  // as if the handlers had been wrong
  ask({"SET", "{rebuilt}:wrong", "1"});
  ask({"HSET", "{rebuilt}:annals:keys", "{rebuilt}:wrong", "s1"});
  sink.rebuild().value();
  while (sink.wait_for_rebuild(std::chrono::milliseconds{0}).error().code == annals::errc::timed_out) {
    reach(sink, world.add_many(20)).value();
    if (sink.wait_for_rebuild(std::chrono::milliseconds{0})) break;
  }
  sink.wait_for_rebuild(long_enough).value();
  reach(sink, world.add_many(20)).value();
  BOOST_TEST(sums_in("rebuilt") == world.sums());
  BOOST_TEST(ask({"KEYS", "{rebuilt}:annals:next:*"}) == "");
  BOOST_TEST(ask({"EXISTS", "{rebuilt}:wrong"}) == "0");
  const auto keys = ask({"HLEN", "{rebuilt}:annals:keys"});
  BOOST_TEST(keys == "43");  // sums, ranks, total, and one for each of 40 counters
}

BOOST_AUTO_TEST_CASE(goes_on_after_a_crash_and_the_old_keys_serve_until_then) {
  counting world;
  gated gate{world.rt()};
  {
    auto sink = begin<rebuilt>(gate.source());
    reach(sink, world.add_many(1'000)).value();
    gate.open_to(400);  // what follows cannot be read again for now
    sink.rebuild().value();
    wait_until([&] { return sink.status().rebuilt_to == 400u; });
    sink.close();
  }
  BOOST_TEST(ask({"HGET", "{rebuilt}:annals:next:annals:sink", "0"}) == "400:0");
  BOOST_TEST(ask({"HGET", "{rebuilt}:annals:sink", "0"}) == "1000:0");
  BOOST_TEST(sums_in("rebuilt") == world.sums());
  gate.open_to(1'000);
  const auto begun = ask({"HGET", "{rebuilt}:annals:next:annals:sink", "id"});
  auto sink = begin<rebuilt>(gate.source());
  reach(sink, world.rt().head()).value();
  sink.wait_for_rebuild(long_enough).value();
  BOOST_TEST(sums_in("rebuilt") == world.sums());
  BOOST_TEST(ask({"HGET", "{rebuilt}:annals:sink", "id"}) == begun);
}

BOOST_AUTO_TEST_CASE(that_loses_everything_begins_again) {
  counting world;
  gated gate{world.rt()};
  auto sink = begin<rebuilt>(gate.source());
  reach(sink, world.add_many(1'000)).value();
  for (int round = 0; round < 3; ++round) {
    gate.open_to(400);
    sink.rebuild().value();
    wait_until([&] { return sink.status().rebuilt_to == 400u; });
    ask({"FLUSHALL"});
    gate.open_to(~annals::position{0});
    wait_until(
        [&] { return !sink.status().rebuilt_to && ask({"HGET", "{rebuilt}:annals:sink", "0"}) == "1000:0" && has_sums("rebuilt", world.sums()); });
  }
}

struct of_first_version : sums_in_redis<of_first_version> {
  static constexpr std::string_view name = "versions";
};
struct of_second_version : sums_in_redis<of_second_version> {
  static constexpr std::string_view name = "versions";
  static constexpr std::uint32_t version = 2;
};

BOOST_AUTO_TEST_CASE(begins_by_itself_for_another_version_in_two_programs_and_stops_one_of_the_old_one) {
  counting world;
  auto old = begin<of_first_version>(world.rt());
  reach(old, world.add_many(3'000)).value();
  const annals::redis::options small{.address = to_server().address, .batch_max = 20};
  auto one = begin<of_second_version>(world.rt(), small);
  auto other = begin<of_second_version>(world.rt(), small);
  one.wait_for_rebuild(long_enough).value();
  other.wait_for_rebuild(long_enough).value();
  wait_until([&] { return old.status().stopped.has_value(); });  // without any event
  BOOST_TEST((old.status().stopped->code == annals::errc::misuse));
  const auto last = world.add_many(100);
  reach(one, last).value();
  reach(other, last).value();
  BOOST_TEST(sums_in("versions") == world.sums());
  BOOST_TEST(ask({"KEYS", "{versions}:annals:next:*"}) == "");
}

struct skips : sums_in_redis<skips> {
  static constexpr std::string_view name = "skips";
  static constexpr annals::failure_policy on_failure{1, std::chrono::milliseconds{1}, annals::on_failure::park_event};
};

BOOST_AUTO_TEST_CASE(leaves_out_what_was_skipped_and_parks_what_fails_again) {
  counting world;
  const auto skipped = world.note("a", "after");
  const auto stays = world.note("b", "throw");
  world.note("c", "set lone");
  world.note("c", "del lone");
  const auto last = world.add_many(10);
  auto sink = begin<skips>(world.rt());
  reach(sink, last).value();
  sink.skip(skipped.at).value();
  BOOST_TEST(ask({"HEXISTS", "{skips}:annals:keys", "{skips}:lone"}) == "0");
  BOOST_TEST(ask({"KEYS", "*annals:bin*"}) == "");
  ask({"SET", "{skips}:annals:next:later", "now"});  // this time it would not fail
  sink.rebuild().value();
  sink.wait_for_rebuild(long_enough).value();
  reach(sink, world.add("z", 1)).value();
  BOOST_TEST(sums_in("skips") == world.sums());
  BOOST_REQUIRE(sink.parked().size() == 1u);
  BOOST_TEST(sink.parked()[0].at == stays.at);
  BOOST_TEST(ask({"EXISTS", "{skips}:effect"}) == "0");
}

struct stops_in_rebuild : sums_in_redis<stops_in_rebuild> {
  static constexpr std::string_view name = "stops_in_rebuild";
  static constexpr annals::failure_policy on_failure{1, std::chrono::milliseconds{1}, annals::on_failure::stop};
};

BOOST_AUTO_TEST_CASE(that_an_event_stops_leaves_what_serves_as_it_is) {
  counting world;
  ask({"SET", "{stops_in_rebuild}:present", "now"});
  const auto bad = world.note("a", "needs present");
  auto sink = begin<stops_in_rebuild>(world.rt());
  reach(sink, world.add_many(10)).value();
  ask({"DEL", "{stops_in_rebuild}:present"});
  sink.rebuild().value();
  const auto answer = sink.wait_for_rebuild(long_enough);
  BOOST_TEST((answer.error().code == annals::errc::projection_failed));
  BOOST_TEST(answer.error().place == bad.at);
  reach(sink, world.add_many(10)).value();
  BOOST_TEST(sums_in("stops_in_rebuild") == world.sums());
}

struct other_history : sums_in_redis<other_history> {
  static constexpr std::string_view name = "other_history";
};

BOOST_AUTO_TEST_CASE(is_what_another_history_of_the_log_needs) {
  counting one;
  {
    auto sink = begin<other_history>(one.rt());
    reach(sink, one.add_many(100)).value();
  }
  counting other;
  const auto last = other.add_many(30);
  auto sink = begin<other_history>(other.rt());
  BOOST_TEST((reach(sink, last).error().code == annals::errc::history_differs));
  BOOST_TEST(sums_in("other_history") == one.sums());
  sink.rebuild().value();
  sink.wait_for_rebuild(long_enough).value();
  reach(sink, last).value();
  BOOST_TEST(sums_in("other_history") == other.sums());
}

BOOST_AUTO_TEST_SUITE_END()
