#include "connectors/redis/keys.hpp"
#include "connectors/support/bounded.hpp"
#include "connectors/support/reference.hpp"
#include "support/wait_until.hpp"

#include <boost/test/unit_test.hpp>

using namespace connectors;

BOOST_FIXTURE_TEST_SUITE(keys_of_a_sink, emptied)

struct first_sums : sums_in_redis<first_sums> {
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
  const auto metrics = sink.metrics();
  BOOST_TEST(metrics.find("annals_follower_position", {"redis", "first_sums"})->value == after.at);
  BOOST_TEST(metrics.find("annals_follower_batch_duration_seconds", {"redis", "first_sums"})->histogram->count > 0u);
  BOOST_TEST(families_in(metrics) == listed_families_of_sinks(), boost::test_tools::per_element());
}

struct in_shares : sums_in_redis<in_shares> {
  static constexpr std::string_view name = "in_shares";
  static constexpr std::size_t partitions = 4;
};

BOOST_AUTO_TEST_CASE(go_on_where_another_life_ended) {
  counting world;
  for (int life = 0; life < 4; ++life) {
    auto sink = begin<in_shares>(world.rt(), {.address = to_server().address, .batch_max = 7});
    const auto middle = world.add_many(300);
    if (life % 2 == 0) reach(sink, middle).value();
    sink.close();
    world.add_many(50);
  }
  auto sink = begin<in_shares>(world.rt());
  reach(sink, world.rt().head()).value();
  BOOST_TEST(sums_in("in_shares") == world.sums());
}

struct two_at_once : sums_in_redis<two_at_once> {
  static constexpr std::string_view name = "two_at_once";
  static constexpr std::size_t partitions = 3;
};

BOOST_AUTO_TEST_CASE(have_each_event_once_with_two_sinks_on_the_same_keys) {
  counting world;
  const annals::redis::options small{.address = to_server().address, .batch_max = 5};
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

struct idle : sums_in_redis<idle> {
  static constexpr std::string_view name = "idle";
};

BOOST_AUTO_TEST_CASE(of_two_sinks_the_idle_one_hears_of_what_the_other_has_parked) {
  counting world;
  auto one = begin<idle>(world.rt());
  reach(one, world.add_many(10)).value();
  const auto place = ask({"HGET", "{idle}:annals:sink", "3"});
  ask({"HSET", "{idle}:annals:parked", "5", "1 2 5 5 9 counter-a no"});
  const auto colon = place.find(':');
  ask({"HSET", "{idle}:annals:sink", "3", place.substr(0, colon) + ":7"});
  wait_until([&] { return one.status().parked == 1; });
  BOOST_TEST(one.parked()[0].stream == "counter-a");
  BOOST_TEST(one.parked()[0].error == "no");
}

BOOST_AUTO_TEST_CASE(a_sink_that_finds_no_server_closes_at_once_and_says_why_it_waits) {
  counting world;
  auto sink = begin<first_sums>(world.rt(), {.address = "/nonexistent/socket"});
  wait_until([&] { return sink.status().waiting.has_value(); });
  BOOST_TEST((sink.wait_for(world.add("a", 1), std::chrono::milliseconds{1}).error().code == annals::errc::timed_out));
  sink.close();
  BOOST_TEST((sink.wait_for(world.rt().head(), long_enough).error().code == annals::errc::closed));
  auto other = begin<first_sums>(world.rt(), {.address = "127.0.0.1:" + free_port()});
  wait_until([&] { return other.status().waiting.has_value(); });
  BOOST_TEST((other.status().waiting->code == annals::errc::unreachable));
}

struct bad_name : sums_in_redis<bad_name> {
  static constexpr std::string_view name = "{other}";
};

BOOST_AUTO_TEST_CASE(what_a_host_passes_is_checked) {
  counting world;
  const auto code = [&](annals::redis::options with) {
    return annals::redis::projection::start<first_sums>(world.rt(), std::move(with)).error().code;
  };
  for (const char* address : {"", "nonsense", "host:", ":6379", "host:0", "host:65536", "host:12x", "::1:6379", "[::1]"})
    BOOST_TEST((code({.address = address}) == annals::errc::bad_option), address);
  BOOST_TEST((code({.user = "alone"}) == annals::errc::bad_option));
  BOOST_TEST((code({.database = 1'000'001}) == annals::errc::bad_option));
  BOOST_TEST((code({.batch_max = 0}) == annals::errc::bad_option));
  BOOST_TEST((code({.parked_max = 0}) == annals::errc::bad_option));
  BOOST_TEST((code({.time_out = std::chrono::milliseconds{0}}) == annals::errc::bad_option));
  BOOST_TEST((annals::redis::projection::start<bad_name>(world.rt(), to_server()).error().code == annals::errc::bad_type));
}

struct elsewhere : sums_in_redis<elsewhere> {
  static constexpr std::string_view name = "elsewhere";
};

BOOST_AUTO_TEST_CASE(are_in_the_database_and_of_the_user_that_a_host_names) {
  counting world;
  redis_server with_users;
  with_users.ask({"ACL", "SETUSER", "sink", "on", ">secret", "~{elsewhere}:*", "+@all"});
  with_users.ask({"ACL", "SETUSER", "blind", "on", ">secret", "~{elsewhere}:*", "+@all", "-info"});
  auto wrong = begin<elsewhere>(world.rt(), {.address = with_users.address(), .user = "sink", .password = "wrong"});
  wait_until([&] { return wrong.status().waiting.has_value(); });
  BOOST_TEST(wrong.status().waiting->detail.find("WRONGPASS") != std::string::npos);
  for (const char* user : {"sink", "blind"}) {
    auto sink = begin<elsewhere>(world.rt(), {.address = with_users.address(), .user = user, .password = "secret", .database = 3});
    reach(sink, world.add_many(10)).value();
  }
  BOOST_TEST(with_users.ask({"DBSIZE"}) == "0");
  with_users.ask({"SWAPDB", "0", "3"});
  BOOST_TEST(sums_in("elsewhere", with_users) == world.sums());
}

struct in_a_cluster : sums_in_redis<in_a_cluster> {
  static constexpr std::string_view name = "in_a_cluster";
  static constexpr std::size_t partitions = 2;
};

BOOST_AUTO_TEST_CASE(are_on_one_node_of_a_cluster) {
  counting world;
  // The port is that of other nodes, of which there are none.
  redis_server node{{"--cluster-enabled", "yes", "--port", free_port(), "--cluster-port", free_port(), "--bind", "127.0.0.1"}};
  node.ask({"CLUSTER", "ADDSLOTSRANGE", "0", "16383"});
  auto sink = begin<in_a_cluster>(world.rt(), {.address = node.address()});
  reach(sink, world.add_many(300)).value();
  BOOST_TEST(sums_in("in_a_cluster", node) == world.sums());
  sink.rebuild().value();
  sink.wait_for_rebuild(long_enough).value();
  reach(sink, world.add_many(10)).value();
  BOOST_TEST(sums_in("in_a_cluster", node) == world.sums());
}

BOOST_AUTO_TEST_SUITE_END()
