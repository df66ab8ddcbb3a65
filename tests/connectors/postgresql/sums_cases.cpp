#include "connectors/postgresql/tables.hpp"
#include "connectors/support/reference.hpp"
#include "support/wait_until.hpp"

#include <boost/test/unit_test.hpp>

using namespace connectors;

BOOST_AUTO_TEST_SUITE(rows_of_a_sink)

struct first_sums : sums_table<first_sums> {
  static constexpr std::string_view name = "first_sums";
};

BOOST_AUTO_TEST_CASE(are_what_the_log_says) {
  counting world;
  const auto before = world.add_many(500);
  auto sink = begin<first_sums>(world.rt());
  reach(sink, before).value();
  BOOST_TEST(sums_in("first_sums") == world.sums());
  const auto after = world.add_many(3'000);
  reach(sink, after).value();
  BOOST_TEST(sums_in("first_sums") == world.sums());
  BOOST_TEST(sink.status().at == after.at);
  BOOST_TEST(sink.status().parked == 0u);
  BOOST_TEST(families_in(sink.metrics()) == listed_families_of_sinks(), boost::test_tools::per_element());
}

struct shared_sums : sums_table<shared_sums> {
  static constexpr std::string_view name = "shared_sums";
  static constexpr std::size_t partitions = 4;
};

BOOST_AUTO_TEST_CASE(go_on_where_another_life_ended) {
  counting world;
  for (int life = 0; life < 4; ++life) {
    auto sink = begin<shared_sums>(world.rt(), {.connection = to_server().connection, .batch_max = 7});
    const auto middle = world.add_many(300);
    if (life % 2 == 0) reach(sink, middle).value();
    sink.close();
    world.add_many(50);
  }
  auto sink = begin<shared_sums>(world.rt());
  reach(sink, world.rt().head()).value();
  BOOST_TEST(sums_in("shared_sums") == world.sums());
}

struct two_at_once : sums_table<two_at_once> {
  static constexpr std::string_view name = "two_at_once";
  static constexpr std::size_t partitions = 3;
};

BOOST_AUTO_TEST_CASE(have_each_event_once_with_two_sinks_on_the_same_tables) {
  counting world;
  const annals::postgresql::options small{.connection = to_server().connection, .batch_max = 5};
  auto one = begin<two_at_once>(world.rt(), small);
  auto other = begin<two_at_once>(world.rt(), small);
  for (int round = 0; round < 10; ++round) {
    const auto at = world.add_many(200);
    reach(round % 2 ? one : other, at).value();
    BOOST_TEST(sums_in("two_at_once") == world.sums());
  }
  reach(one, world.rt().head()).value();
  reach(other, world.rt().head()).value();
}

struct restarted_server : sums_table<restarted_server> {
  static constexpr std::string_view name = "restarted_server";
  static constexpr std::size_t partitions = 2;
};

BOOST_AUTO_TEST_CASE(are_complete_after_a_restart_of_the_server) {
  counting world;
  auto sink = begin<restarted_server>(world.rt(), {.connection = to_server().connection, .batch_max = 20});
  reach(sink, world.add_many(200)).value();
  for (int round = 0; round < 3; ++round) {
    world.add_many(500);
    postgresql_server::shared().stop();
    world.add_many(100);
    wait_until([&] { return sink.status().waiting.has_value(); });
    BOOST_TEST((sink.status().waiting->code == annals::errc::unreachable));
    postgresql_server::shared().start();
    reach(sink, world.rt().head()).value();
    BOOST_TEST(!sink.status().waiting);
    BOOST_TEST(sums_in("restarted_server") == world.sums());
  }
}

BOOST_AUTO_TEST_CASE(a_sink_that_finds_no_server_closes_at_once_and_says_why_it_waits) {
  counting world;
  auto sink = begin<first_sums>(world.rt(), {.connection = "host=/nonexistent user=test"});
  wait_until([&] { return sink.status().waiting.has_value(); });
  BOOST_TEST((sink.wait_for(world.add("a", 1), std::chrono::milliseconds{1}).error().code == annals::errc::timed_out));
  sink.close();
  BOOST_TEST((sink.wait_for(world.rt().head(), long_enough).error().code == annals::errc::closed));
}

struct bad_name : sums_table<bad_name> {
  static constexpr std::string_view name = "no\"name";
};

BOOST_AUTO_TEST_CASE(what_a_host_passes_is_checked) {
  counting world;
  const auto code = [&](annals::postgresql::options with) {
    return annals::postgresql::projection::start<first_sums>(world.rt(), std::move(with)).error().code;
  };
  BOOST_TEST((code({.connection = "nonsense"}) == annals::errc::bad_option));
  BOOST_TEST((code({.connection = "", .batch_max = 0}) == annals::errc::bad_option));
  BOOST_TEST((code({.connection = "", .parked_max = 0}) == annals::errc::bad_option));
  BOOST_TEST((code({.connection = "", .time_out = std::chrono::milliseconds{0}}) == annals::errc::bad_option));
  BOOST_TEST((annals::postgresql::projection::start<bad_name>(world.rt(), to_server()).error().code == annals::errc::bad_type));
}

BOOST_AUTO_TEST_SUITE_END()
