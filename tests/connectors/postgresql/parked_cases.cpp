#include "connectors/postgresql/tables.hpp"
#include "support/wait_until.hpp"

#include <boost/test/unit_test.hpp>

using namespace connectors;

BOOST_AUTO_TEST_SUITE(an_event_that_fails)

constexpr annals::failure_policy soon{.attempts = 3, .first_pause = std::chrono::milliseconds{1}};
constexpr annals::failure_policy with_its_stream{2, std::chrono::milliseconds{1}, annals::on_failure::park_stream};
constexpr annals::failure_policy stops{2, std::chrono::milliseconds{1}, annals::on_failure::stop};

struct parks : sums_table<parks> {
  static constexpr std::string_view name = "parks";
  static constexpr annals::failure_policy on_failure = soon;
};

BOOST_AUTO_TEST_CASE(is_tried_again_and_parked_and_the_rest_goes_on) {
  counting world;
  world.add_many(100);
  const auto bad = world.note("a", "select 1/0");
  const auto thrown = world.note("b", "throw");
  const auto at_the_end = world.note("c", "insert into late values ('twice'), ('twice')");  // found at the commit
  const auto last = world.add_many(100);
  tries = 0;
  auto sink = begin<parks>(world.rt());
  reach(sink, last).value();
  BOOST_TEST(sums_in("parks") == world.sums());
  const auto parked = sink.parked();
  BOOST_REQUIRE(parked.size() == 3u);
  BOOST_TEST(parked[0].at == bad.at);
  BOOST_TEST(parked[0].stream == "counter-a");
  BOOST_TEST(parked[0].attempts == 3u);
  BOOST_TEST(parked[0].error.find("22012") != std::string::npos);
  BOOST_TEST(parked[1].at == thrown.at);
  BOOST_TEST(parked[1].error.find("does not like") != std::string::npos);
  BOOST_TEST(parked[2].at == at_the_end.at);
  BOOST_TEST(postgresql_server::shared().ask("select count(*) from parks.late") == "0\n");
  const auto answer = sink.wait_for(bad, long_enough);
  BOOST_TEST((answer.error().code == annals::errc::parked));
  BOOST_TEST(answer.error().place == bad.at);
  const auto metrics = sink.metrics();
  BOOST_TEST(metrics.find("annals_follower_events_total", {"postgresql", "parks", "parked"})->value == 3);
  BOOST_TEST(metrics.find("annals_follower_events_total", {"postgresql", "parks", "applied"})->value == 200);
  BOOST_TEST(metrics.find("annals_follower_position", {"postgresql", "parks"})->value == last.at);
  BOOST_TEST(metrics.find("annals_follower_attempts_failed_total", {"postgresql", "parks"})->value >= 9);
  BOOST_TEST(metrics.find("annals_follower_batch_duration_seconds", {"postgresql", "parks"})->histogram->count > 0u);
  BOOST_TEST(metrics.find("annals_parked_events", {"postgresql", "parks"})->value == 3);
  BOOST_TEST(metrics.find("annals_parked_total", {"postgresql", "parks"})->value == 3);
  BOOST_TEST(metrics.find("annals_parked_limit", {"postgresql", "parks"})->value == 10'000);
  BOOST_TEST(metrics.find("annals_parked_oldest_timestamp_seconds", {"postgresql", "parks"})->value > 1e9);
}

BOOST_AUTO_TEST_CASE(can_be_retried_or_skipped_also_in_a_later_life) {
  counting world;
  const auto first = world.note("a", "insert into sums select 'mended', n, 1 from parks.later");
  const auto second = world.note("b", "select 1/0");
  const auto last = world.add("a", 5);
  postgresql_server::shared().ask("drop schema if exists parks cascade");
  {
    auto sink = begin<parks>(world.rt());
    reach(sink, last).value();
    BOOST_TEST(sink.parked().size() == 2u);
  }
  auto sink = begin<parks>(world.rt());
  reach(sink, last).value();
  BOOST_TEST(sink.parked().size() == 2u);
  BOOST_TEST((sink.retry(first.at).error().code == annals::errc::projection_failed));
  postgresql_server::shared().ask("create table parks.later as select 7 as n");
  sink.retry(first.at).value();
  BOOST_TEST((sink.retry(first.at).error().code == annals::errc::not_found));
  sink.skip(second.at).value();
  BOOST_TEST(sink.parked().empty());
  BOOST_TEST(postgresql_server::shared().ask("select count(*) from parks.annals_parked") == "0\n");
  const auto metrics = sink.metrics();
  BOOST_TEST(metrics.find("annals_parked_resolved_total", {"postgresql", "parks", "retried"})->value == 1);
  BOOST_TEST(metrics.find("annals_parked_resolved_total", {"postgresql", "parks", "skipped"})->value == 1);
  BOOST_TEST(metrics.find("annals_parked_oldest_timestamp_seconds", {"postgresql", "parks"})->value == 0);
  reach(sink, world.add("z", 3)).value();
  BOOST_TEST(sums_in("parks") == world.sums().insert(world.sums().find("z|"), "mended|7\n"));
}

struct parks_streams : sums_table<parks_streams> {
  static constexpr std::string_view name = "parks_streams";
  static constexpr annals::failure_policy on_failure = with_its_stream;
};

BOOST_AUTO_TEST_CASE(parks_what_follows_in_its_stream_in_order) {
  counting world;
  const auto bad = world.note("a", "insert into sums select 'a', 100, 0 from parks_streams.later");
  const auto next = world.add("a", 1);
  world.add("b", 10);
  const annals::sink_source from{world.rt()};
  auto sink = begin<parks_streams>(from);
  reach(sink, world.rt().head()).value();
  const auto last = world.add("a", 2);
  BOOST_TEST((reach(sink, last).error().code == annals::errc::parked));
  BOOST_TEST(sums_in("parks_streams") == "b|10\n");
  const auto parked = sink.parked();
  BOOST_REQUIRE(parked.size() == 3u);
  BOOST_TEST(parked[1].attempts == 0u);
  BOOST_TEST(parked[1].error == "waits for position " + std::to_string(bad.at));
  BOOST_TEST((sink.retry(next.at).error().code == annals::errc::misuse));
  {  // another process parks what follows, too
    sink.close();
    auto other = begin<parks_streams>(from);
    BOOST_TEST((reach(other, world.add("a", 3)).error().code == annals::errc::parked));
    BOOST_TEST(other.parked().size() == 4u);
    postgresql_server::shared().ask("create table parks_streams.later as select 1");
    other.retry(bad.at).value();
    BOOST_TEST(other.parked().empty());
    BOOST_TEST(sums_in("parks_streams") == "a|106\nb|10\n");
    reach(other, world.add("a", 4)).value();
    BOOST_TEST(sums_in("parks_streams") == "a|110\nb|10\n");
  }
}

struct stops_there : sums_table<stops_there> {
  static constexpr std::string_view name = "stops_there";
  static constexpr annals::failure_policy on_failure = stops;
};

BOOST_AUTO_TEST_CASE(stops_the_sink_until_somebody_decides) {
  counting world;
  world.add("a", 1);
  const auto bad = world.note("a", "select 1/0");
  const auto last = world.add("a", 2);
  auto sink = begin<stops_there>(world.rt());
  const auto answer = reach(sink, last);
  BOOST_TEST((answer.error().code == annals::errc::projection_failed));
  BOOST_TEST(answer.error().place == bad.at);
  BOOST_TEST(sink.status().stopped->place == bad.at);
  BOOST_TEST(sums_in("stops_there") == "a|1\n");
  sink.retry(bad.at).value();
  wait_until([&] { return sink.status().stopped.has_value(); });
  sink.skip(bad.at).value();
  reach(sink, last).value();
  BOOST_TEST(sums_in("stops_there") == world.sums());
}

struct few : sums_table<few> {
  static constexpr std::string_view name = "few";
  static constexpr annals::failure_policy on_failure{1, std::chrono::milliseconds{1}, annals::on_failure::park_event};
};

BOOST_AUTO_TEST_CASE(stops_the_sink_if_too_many_are_parked) {
  counting world;
  annals::token last;
  for (int n = 0; n < 3; ++n) last = world.note("a", "select 1/0");
  auto sink = begin<few>(world.rt(), {.connection = to_server().connection, .parked_max = 2});
  const auto answer = reach(sink, last);
  BOOST_TEST((answer.error().code == annals::errc::projection_failed));
  BOOST_TEST(answer.error().place == last.at);
  BOOST_TEST(sink.parked().size() == 2u);
}

BOOST_AUTO_TEST_SUITE_END()
