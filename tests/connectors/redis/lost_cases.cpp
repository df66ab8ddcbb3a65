// Redis loses its data, goes back in time, is full, or does not answer.
#include "connectors/redis/keys.hpp"
#include "connectors/support/bounded.hpp"
#include "support/wait_until.hpp"

#include <boost/test/unit_test.hpp>

using namespace connectors;

BOOST_FIXTURE_TEST_SUITE(after_redis, emptied)

struct lost : sums_in_redis<lost> {
  static constexpr std::string_view name = "lost";
  static constexpr std::size_t partitions = 2;
};

BOOST_AUTO_TEST_CASE(was_restarted_without_its_data_the_sink_fills_it_again) {
  counting world;
  auto sink = begin<lost>(world.rt(), {.address = to_server().address, .batch_max = 20});
  reach(sink, world.add_many(200)).value();
  for (int round = 0; round < 3; ++round) {
    world.add_many(500);
    redis_server::shared().stop();
    world.add_many(100);
    wait_until([&] { return sink.status().waiting.has_value(); });
    BOOST_TEST((sink.status().waiting->code == annals::errc::unreachable));
    redis_server::shared().start();
    const auto last = world.add("last", 1);
    wait_until([&] { return ask({"HGET", "{lost}:sums", "last"}) == std::to_string(round + 1); });
    reach(sink, last).value();
    BOOST_TEST(!sink.status().waiting);
    BOOST_TEST(sums_in("lost") == world.sums());
  }
}

BOOST_AUTO_TEST_CASE(was_emptied_the_sink_fills_it_again_while_events_come) {
  counting world;
  auto sink = begin<lost>(world.rt(), {.address = to_server().address, .batch_max = 20});
  for (int round = 0; round < 5; ++round) {
    world.add_many(300);
    ask({"FLUSHALL"});
    world.add_many(100);
    const auto last = world.add("last", 1);
    wait_until([&] { return ask({"HGET", "{lost}:sums", "last"}) == std::to_string(round + 1); });
    reach(sink, last).value();
    wait_until([&] { return has_sums("lost", world.sums()); });  // what was emptied after the last step is noticed within a second
  }
}

BOOST_AUTO_TEST_CASE(was_emptied_the_sink_fills_it_again_without_any_event) {
  counting world;
  auto sink = begin<lost>(world.rt());
  reach(sink, world.add_many(300)).value();
  ask({"FLUSHALL"});
  wait_until([&] { return ask({"HLEN", "{lost}:sums"}) == "40" && has_sums("lost", world.sums()); });
  ask({"DEL", "{lost}:annals:sink"});  // the rest of it goes, too, before it is filled again
  wait_until([&] { return ask({"EXISTS", "{lost}:annals:sink"}) == "1"; });
  reach(sink, world.add("a", 1)).value();
  wait_until([&] { return ask({"HGET", "{lost}:sums", "a"}) == "1"; });
  BOOST_TEST(sums_in("lost") == world.sums());
}

BOOST_AUTO_TEST_CASE(was_emptied_nothing_is_left_of_what_another_process_believes) {
  counting world;
  const annals::redis::options small{.address = to_server().address, .batch_max = 3};
  auto one = begin<lost>(world.rt(), small);
  auto other = begin<lost>(world.rt(), small);
  for (int round = 0; round < 10; ++round) {
    world.add_many(100);
    ask({"FLUSHALL"});
    world.add_many(50);
  }
  const auto last = world.add("last", 1);
  wait_until([&] { return ask({"HGET", "{lost}:sums", "last"}) == "1"; });
  reach(one, last).value();
  reach(other, last).value();
  wait_until([&] { return has_sums("lost", world.sums()); });
}

BOOST_AUTO_TEST_CASE(went_back_to_an_older_file_the_sink_goes_on_from_there) {
  counting world;
  redis_server old;
  auto sink = begin<lost>(world.rt(), {.address = old.address()});
  reach(sink, world.add_many(200)).value();
  old.ask({"SAVE"});
  old.ask({"SET", "{lost}:witness", "it was not filled from the beginning"});
  old.ask({"SAVE"});
  reach(sink, world.add_many(200)).value();
  old.stop();
  old.start();
  const auto last = world.add("last", 1);
  wait_until([&] { return old.ask({"HGET", "{lost}:sums", "last"}) == "1"; });
  reach(sink, last).value();
  BOOST_TEST(sums_in("lost", old) == world.sums());
  BOOST_TEST(old.ask({"EXISTS", "{lost}:witness"}) == "1");
}

BOOST_AUTO_TEST_CASE(has_forgotten_its_scripts_nothing_is_missed) {
  counting world;
  auto sink = begin<lost>(world.rt());
  for (int round = 0; round < 3; ++round) {
    reach(sink, world.add_many(50)).value();
    ask({"SCRIPT", "FLUSH"});
  }
  reach(sink, world.add_many(50)).value();
  BOOST_TEST(sums_in("lost") == world.sums());
  BOOST_TEST(!sink.status().waiting);
}

BOOST_AUTO_TEST_CASE(was_silent_a_step_that_it_executes_late_has_its_effect_once) {
  counting world;
  redis_server silent;
  auto sink = begin<lost>(world.rt(), {.address = silent.address(), .batch_max = 10, .time_out = std::chrono::milliseconds{50}});
  reach(sink, world.add_many(50)).value();
  for (int round = 0; round < 5; ++round) {
    silent.signal(SIGSTOP);
    const auto last = world.add_many(100);
    wait_until([&] { return sink.status().waiting.has_value(); });
    silent.signal(SIGCONT);
    reach(sink, last).value();
    BOOST_TEST(sums_in("lost", silent) == world.sums());
  }
}

BOOST_AUTO_TEST_CASE(has_stopped_answering_close_does_not_wait_for_it) {
  counting world;
  redis_server silent;
  auto connected = begin<lost>(world.rt(), {.address = silent.address(), .time_out = std::chrono::hours{24}});
  reach(connected, world.add_many(50)).value();
  silent.signal(SIGSTOP);
  auto connecting = begin<lost>(world.rt(), {.address = silent.address(), .time_out = std::chrono::hours{24}});
  const auto last = world.add_many(50);
  BOOST_TEST((connected.wait_for(last, std::chrono::milliseconds{100}).error().code == annals::errc::timed_out));
  BOOST_TEST(time_of([&] { connected.close(); }).count() < 5'000);
  BOOST_TEST(time_of([&] { connecting.close(); }).count() < 5'000);
  silent.signal(SIGCONT);
}

BOOST_AUTO_TEST_CASE(is_full_nothing_is_parked_and_the_sink_waits_until_there_is_room) {
  counting world;
  redis_server full{{"--maxmemory", "1", "--maxmemory-policy", "noeviction"}};
  world.add_many(10);
  auto sink = begin<lost>(world.rt(), {.address = full.address()});
  wait_until([&] { return sink.status().waiting.has_value(); });
  BOOST_TEST(sink.status().waiting->detail.find("OOM") != std::string::npos);
  full.ask({"CONFIG", "SET", "maxmemory", "0"});
  reach(sink, world.add_many(100)).value();
  full.ask({"CONFIG", "SET", "maxmemory", "1"});
  const auto last = world.add_many(100);
  wait_until([&] { return sink.status().waiting.has_value(); });
  full.ask({"CONFIG", "SET", "maxmemory", "0"});
  reach(sink, last).value();
  BOOST_TEST(sink.status().parked == 0u);
  BOOST_TEST(sums_in("lost", full) == world.sums());
}

BOOST_AUTO_TEST_CASE(may_throw_keys_away_nothing_is_written_to_it) {
  counting world;
  redis_server evicting{{"--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru"}};
  auto sink = begin<lost>(world.rt(), {.address = evicting.address()});
  wait_until([&] { return sink.status().waiting.has_value(); });
  BOOST_TEST(sink.status().waiting->detail == "allkeys-lru");
  BOOST_TEST(evicting.ask({"DBSIZE"}) == "0");
  evicting.ask({"CONFIG", "SET", "maxmemory-policy", "volatile-lru"});
  reach(sink, world.add_many(100)).value();
  BOOST_TEST(sums_in("lost", evicting) == world.sums());
}

BOOST_AUTO_TEST_CASE(has_a_replica_it_has_the_same_and_is_not_written_to) {
  counting world;
  const auto port = free_port();
  redis_server first{{"--port", port, "--bind", "127.0.0.1", "--enable-debug-command", "yes"}};
  redis_server replica{{"--replicaof", "127.0.0.1", port, "--enable-debug-command", "yes"}};
  auto sink = begin<lost>(world.rt(), {.address = first.address(), .batch_max = 20});
  reach(sink, world.add_many(500)).value();
  wait_until([&] { return first.ask({"WAIT", "1", "100"}) == "1" && replica.ask({"DEBUG", "DIGEST"}) == first.ask({"DEBUG", "DIGEST"}); });
  BOOST_TEST(sums_in("lost", replica) == world.sums());
  auto wrong = begin<lost>(world.rt(), {.address = replica.address()});
  const auto last = world.add_many(20);
  wait_until([&] { return wrong.status().waiting.has_value(); });
  BOOST_TEST(wrong.status().waiting->detail.find("READONLY") != std::string::npos);
  reach(sink, last).value();
  first.stop();
  replica.ask({"REPLICAOF", "NO", "ONE"});
  reach(wrong, world.add_many(20)).value();
  BOOST_TEST(sums_in("lost", replica) == world.sums());
}

BOOST_AUTO_TEST_SUITE_END()
