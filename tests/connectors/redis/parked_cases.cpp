#include "connectors/redis/keys.hpp"
#include "support/wait_until.hpp"

#include <boost/test/unit_test.hpp>

using namespace connectors;

BOOST_FIXTURE_TEST_SUITE(an_event_that_fails, emptied)

constexpr annals::failure_policy soon{.attempts = 3, .first_pause = std::chrono::milliseconds{1}};
constexpr annals::failure_policy with_its_stream{2, std::chrono::milliseconds{1}, annals::on_failure::park_stream};
constexpr annals::failure_policy stops{2, std::chrono::milliseconds{1}, annals::on_failure::stop};

struct parks : sums_in_redis<parks> {
  static constexpr std::string_view name = "parks";
  static constexpr annals::failure_policy on_failure = soon;
};

BOOST_AUTO_TEST_CASE(is_tried_again_and_parked_and_the_rest_goes_on) {
  counting world;
  world.add_many(100);
  const auto bad = world.note("a", "hincr total field");  // it is a string
  const auto thrown = world.note("b", "throw");
  const auto no_number = world.note("c", "incr annals");  // it is one word
  const auto missing = world.note("d", "needs sums nobody");
  const auto own_key = world.note("e", "set annals:sink");
  const auto last = world.add_many(100);
  ask({"SET", "{parks}:annals", "text"});
  auto sink = begin<parks>(world.rt());
  reach(sink, last).value();
  BOOST_TEST(sums_in("parks") == world.sums());
  const auto parked = sink.parked();
  BOOST_REQUIRE(parked.size() == 5u);
  BOOST_TEST(parked[0].at == bad.at);
  BOOST_TEST(parked[0].stream == "counter-a");
  BOOST_TEST(parked[0].attempts == 3u);
  BOOST_TEST(parked[0].error.find("WRONGTYPE") != std::string::npos);
  BOOST_TEST(parked[0].error.find("{parks}:total") != std::string::npos);
  BOOST_TEST(parked[1].at == thrown.at);
  BOOST_TEST(parked[1].error.find("does not like") != std::string::npos);
  BOOST_TEST(parked[2].at == no_number.at);
  BOOST_TEST(parked[2].error.find("not an integer") != std::string::npos);
  BOOST_TEST(parked[3].at == missing.at);
  BOOST_TEST(parked[4].at == own_key.at);
  const auto answer = sink.wait_for(bad, long_enough);
  BOOST_TEST((answer.error().code == annals::errc::parked));
  BOOST_TEST(answer.error().place == bad.at);
  const auto metrics = sink.metrics();
  BOOST_TEST(metrics.find("annals_follower_events_total", {"redis", "parks", "parked"})->value == 5);
  BOOST_TEST(metrics.find("annals_follower_events_total", {"redis", "parks", "applied"})->value == 200);
  BOOST_TEST(metrics.find("annals_follower_attempts_failed_total", {"redis", "parks"})->value >= 15);
  BOOST_TEST(metrics.find("annals_parked_events", {"redis", "parks"})->value == 5);
  BOOST_TEST(metrics.find("annals_parked_total", {"redis", "parks"})->value == 5);
  BOOST_TEST(metrics.find("annals_parked_limit", {"redis", "parks"})->value == 10'000);
  BOOST_TEST(metrics.find("annals_parked_oldest_timestamp_seconds", {"redis", "parks"})->value * 1e6 == static_cast<double>(parked[0].time),
             boost::test_tools::tolerance(1e-9));
}

BOOST_AUTO_TEST_CASE(leaves_everything_as_it_was) {
  counting world;
  const auto before = world.add_many(100);
  auto sink = begin<parks>(world.rt());
  reach(sink, before).value();
  const auto in_all = ask({"DBSIZE"});
  const auto bad = world.note("a", "all");
  BOOST_TEST((reach(sink, bad).error().code == annals::errc::parked));
  BOOST_REQUIRE(sink.status().parked == 1u);
  BOOST_TEST(sink.parked()[0].error.find("no such key") != std::string::npos);
  BOOST_TEST(sums_in("parks") == world.sums());
  BOOST_TEST(ask({"DBSIZE"}) == std::to_string(std::stoi(in_all) + 1));  // of what is parked
  for (const char* key : {"fresh", "lone", "count", "nothing"}) BOOST_TEST(ask({"EXISTS", std::string{"{parks}:"} + key}) == "0");
  BOOST_TEST(ask({"ZSCORE", "{parks}:ranks", "intruder"}) == "");
  BOOST_TEST(ask({"KEYS", "*annals:bin*"}) == "");
  BOOST_TEST(ask({"TYPE", "{parks}:sums"}) == "hash");
}

// The sink knows the key as a number, so it adds to the others first, and takes that back.
BOOST_AUTO_TEST_CASE(leaves_sums_as_they_were_though_another_writer_has_changed_a_key) {
  counting world;
  auto sink = begin<parks>(world.rt());
  reach(sink, world.add_many(100)).value();
  const auto sums = world.sums();
  const auto total = ask({"GET", "{parks}:total"});
  ask({"SET", "{parks}:total", "text"});
  const auto bad = world.add("c1", 7);
  BOOST_TEST((reach(sink, bad).error().code == annals::errc::parked));
  ask({"SET", "{parks}:total", total});
  BOOST_TEST(sums_in("parks") == sums);
  sink.retry(bad.at).value();
  BOOST_TEST(sums_in("parks") == world.sums());
}

BOOST_AUTO_TEST_CASE(can_be_retried_or_skipped_also_in_a_later_life) {
  counting world;
  const auto first = world.note("a", "needs later");
  const auto second = world.note("b", "throw");
  const auto last = world.add("a", 5);
  {
    auto sink = begin<parks>(world.rt());
    reach(sink, last).value();
    BOOST_TEST(sink.parked().size() == 2u);
  }
  auto sink = begin<parks>(world.rt());
  reach(sink, last).value();
  BOOST_TEST(sink.parked().size() == 2u);
  BOOST_TEST((sink.retry(first.at).error().code == annals::errc::projection_failed));
  BOOST_TEST(sink.parked().size() == 2u);
  ask({"SET", "{parks}:later", "now"});
  sink.retry(first.at).value();
  BOOST_TEST((sink.retry(first.at).error().code == annals::errc::not_found));
  sink.skip(second.at).value();
  BOOST_TEST(sink.parked().empty());
  BOOST_TEST(ask({"EXISTS", "{parks}:annals:parked"}) == "0");
  BOOST_TEST(ask({"SMEMBERS", "{parks}:annals:skipped"}) == std::to_string(second.at) + "\n");
  const auto metrics = sink.metrics();
  BOOST_TEST(metrics.find("annals_parked_resolved_total", {"redis", "parks", "retried"})->value == 1);
  BOOST_TEST(metrics.find("annals_parked_resolved_total", {"redis", "parks", "skipped"})->value == 1);
  BOOST_TEST(metrics.find("annals_parked_oldest_timestamp_seconds", {"redis", "parks"})->value == 0);
  reach(sink, world.add("z", 3)).value();
  BOOST_TEST(sums_in("parks") == world.sums());
}

struct parks_streams : sums_in_redis<parks_streams> {
  static constexpr std::string_view name = "parks_streams";
  static constexpr annals::failure_policy on_failure = with_its_stream;
};

BOOST_AUTO_TEST_CASE(parks_what_follows_in_its_stream_in_order) {
  counting world;
  const auto bad = world.note("a", "needs later");
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
  sink.close();
  auto other = begin<parks_streams>(from);
  BOOST_TEST((reach(other, world.add("a", 3)).error().code == annals::errc::parked));
  BOOST_TEST(other.parked().size() == 4u);
  ask({"SET", "{parks_streams}:later", "now"});
  other.retry(bad.at).value();
  BOOST_TEST(other.parked().empty());
  reach(other, world.add("a", 4)).value();
  BOOST_TEST(sums_in("parks_streams") == "a|10\nb|10\n");
}

struct stops_there : sums_in_redis<stops_there> {
  static constexpr std::string_view name = "stops_there";
  static constexpr annals::failure_policy on_failure = stops;
};

BOOST_AUTO_TEST_CASE(stops_the_sink_until_somebody_decides) {
  counting world;
  world.add("a", 1);
  const auto bad = world.note("a", "throw");
  const auto last = world.add("a", 2);
  auto sink = begin<stops_there>(world.rt());
  const auto answer = reach(sink, last);
  BOOST_TEST((answer.error().code == annals::errc::projection_failed));
  BOOST_TEST(answer.error().place == bad.at);
  BOOST_TEST(sums_in("stops_there") == "a|1\n");
  sink.retry(bad.at).value();
  wait_until([&] { return sink.status().stopped.has_value(); });
  sink.skip(bad.at).value();
  reach(sink, last).value();
  BOOST_TEST(sums_in("stops_there") == world.sums());
}

struct few : sums_in_redis<few> {
  static constexpr std::string_view name = "few";
  static constexpr annals::failure_policy on_failure{1, std::chrono::milliseconds{1}, annals::on_failure::park_event};
};

BOOST_AUTO_TEST_CASE(stops_the_sink_if_too_many_are_parked) {
  counting world;
  annals::token last;
  for (int n = 0; n < 3; ++n) last = world.note("a", "throw");
  auto sink = begin<few>(world.rt(), {.address = to_server().address, .parked_max = 2});
  const auto answer = reach(sink, last);
  BOOST_TEST((answer.error().code == annals::errc::projection_failed));
  BOOST_TEST(answer.error().place == last.at);
  BOOST_TEST(sink.parked().size() == 2u);
}

BOOST_AUTO_TEST_SUITE_END()
