// Subscriptions as a host has them: on a store on disk, with threads of their own.
#include "support/memory_engine.hpp"
#include "support/printed.hpp"
#include "support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>

#include <map>
#include <mutex>
#include <thread>

using namespace annals;
using namespace std::chrono_literals;

namespace {

/// What a host's handler has done with each event, over several runs.
struct handled {
  std::mutex mutex;
  std::map<std::string, std::vector<version>> by_stream;
  std::map<position, int> times;

  result<void> take(const delivered& event) {
    const auto text = decoded<world::noted>(event.record.payload).value().text;
    if (text == "refused") return error{errc::rejected, "not this one"};
    if (text == "thrown") throw std::runtime_error("not this one either");
    const std::lock_guard lock{mutex};
    by_stream[std::string{event.record.stream}].push_back(event.record.version);
    ++times[event.record.at];
    return {};
  }
};

subscription_options impatient() { return {.types = {"noted"}, .failure = {.attempts = 2, .first_pause = 1ms}}; }

runtime opened(const temporary_directory& place) {
  auto rt = runtime::open(place / "store", memory_engine::quiet()).value();
  rt.host<world::counter>().value();
  rt.start().value();
  return rt;
}

subscription_health of_mail(const runtime& rt) { return rt.health().subscriptions.at(0); }

}  // namespace

BOOST_AUTO_TEST_SUITE(subscriptions_on_disk)

BOOST_AUTO_TEST_CASE(members_run_in_threads_of_their_own_over_restarts_and_without_derived_state) {
  const temporary_directory place;
  handled all;
  constexpr int rounds = 3, streams = 5, events = 200;
  position head = 0;
  for (int round = 1; round <= rounds; ++round) {
    auto rt = opened(place);
    auto one = rt.subscribe("mail", impatient()).value(), two = rt.subscribe("mail", impatient()).value();
    const auto work = [&](subscription& me) { me.run([&](const delivered& event) { return all.take(event); }, 10).value(); };
    std::thread first{work, std::ref(one)}, second{work, std::ref(two)};
    for (int i = 0; i < events; ++i) head = rt.send<world::counter>(std::to_string(i % streams), world::note{"x"}).get()->at;
    rt.send<world::counter>("0", world::note{"refused"}).get().value();
    head = rt.send<world::counter>("1", world::note{"thrown"}).get()->at;
    wait_until([&] { return of_mail(rt).at == head; });
    BOOST_TEST(of_mail(rt).parked == 2u * round);
    wait_until([&] { return one.parked().value().size() == 2u * round; });  // durable, too
    const auto parked = one.parked().value();
    BOOST_TEST(parked.back().error.find("not this one either") != std::string::npos);
    BOOST_TEST((two.skip(1).get().error().code == errc::not_found));
    one.leave();
    first.join();
    rt.close();  // ends the other
    second.join();
    BOOST_TEST((two.ack(1).get().error().code == errc::closed));
    std::filesystem::remove_all(place / "store" / "derived");
  }
  for (const auto& [stream, versions] : all.by_stream) {
    for (std::size_t i = 1; i < versions.size(); ++i) BOOST_TEST_REQUIRE(versions[i - 1] < versions[i], stream);
  }
  BOOST_TEST(all.times.size() == static_cast<std::size_t>(rounds * events));
  for (const auto& [at, times] : all.times) BOOST_TEST_REQUIRE(times == 1, "position " << at);  // nothing went wrong meanwhile
}

BOOST_AUTO_TEST_CASE(case_51_what_was_acknowledged_is_in_the_log_that_a_killed_process_leaves) {
  const temporary_directory place;
  const auto left = place / "left";
  {
    auto rt = opened(place);
    for (int i = 0; i < 10; ++i) rt.send<world::counter>("a", world::note{"x"}).get().value();
    auto one = rt.subscribe("mail").value();
    std::size_t seen = 0;
    while (seen < 10) seen += one.next(10 - seen, 60s).value().size();
    const position some[] = {1, 2, 4};
    one.ack(some).get().value();
    std::filesystem::create_directory(left);
    std::filesystem::copy(place / "store" / "log", left / "log", std::filesystem::copy_options::recursive);
  }
  auto rt = runtime::open(left, memory_engine::quiet()).value();
  rt.host<world::counter>().value();
  rt.start().value();
  auto one = rt.subscribe("mail").value();
  const auto again = one.next(100, 60s).value();
  BOOST_TEST_REQUIRE(again.size() == 7u);
  BOOST_TEST(again[0].record.at == 3u);
  BOOST_TEST(again[1].record.at == 5u);
  BOOST_TEST(again[6].record.at == 10u);
}

BOOST_AUTO_TEST_CASE(a_backup_carries_what_was_acknowledged) {
  const temporary_directory place;
  {
    auto rt = opened(place);
    rt.send<world::counter>("a", world::note{"x"}).get().value();
    rt.send<world::counter>("a", world::note{"x"}).get().value();
    auto one = rt.subscribe("mail").value();
    BOOST_TEST(one.next(1, 60s).value().size() == 1u);
    one.ack(1).get().value();
    rt.backup(place / "copy").value();
  }
  auto rt = runtime::open(place / "copy", memory_engine::quiet()).value();
  rt.host<world::counter>().value();
  rt.start().value();
  auto one = rt.subscribe("mail").value();
  BOOST_TEST(one.next(100, 60s).value().at(0).record.at == 2u);
}

BOOST_AUTO_TEST_CASE(what_is_handed_out_lives_as_long_as_the_host_wants) {
  const temporary_directory place;
  std::vector<delivered> kept;
  {
    auto rt = opened(place);
    rt.send<world::counter>("a", world::note{std::string(100'000, 'y')}, {.id = "id", .correlation = "c", .principal = "p"}).get().value();
    auto one = rt.subscribe("mail").value();
    kept = one.next(1, 60s).value();
  }
  const auto copy = kept.at(0);
  kept.clear();
  BOOST_TEST(copy.record.stream == "counter-a");
  BOOST_TEST(copy.record.command_id == "id");
  BOOST_TEST(copy.record.correlation == "c");
  BOOST_TEST(copy.record.principal == "p");
  BOOST_TEST(decoded<world::noted>(copy.record.payload).value().text == std::string(100'000, 'y'));
}

BOOST_AUTO_TEST_CASE(a_batch_ends_at_8_MiB) {
  const temporary_directory place;
  auto rt = opened(place);
  for (int i = 0; i < 12; ++i) rt.send<world::counter>("a", world::note{std::string(1'000'000, 'y')}).get().value();
  auto one = rt.subscribe("mail", {.failure = {.first_pause = 1ms}}).value();
  for (std::size_t seen = 0; seen < 12;) seen += one.next(100, 60s).value().size();
  one.nack(1, "all of it comes again").get().value();
  const auto first = one.next(100, 60s).value();
  BOOST_TEST(first.size() == 9u);
  BOOST_TEST(first.at(0).attempt == 2u);
  const auto rest = one.next(100, 60s).value();
  BOOST_TEST_REQUIRE(rest.size() == 3u);
  BOOST_TEST(rest[0].record.at == 10u);
  BOOST_TEST(rest[0].attempt == 1u);  // what was too much has not been handed out again
}

BOOST_AUTO_TEST_CASE(case_70_waiting_for_events_where_it_would_deadlock_is_misuse) {
  const temporary_directory place;
  auto rt = opened(place);
  auto one = rt.subscribe("mail").value();
  const detail::no_waiting inside_a_callback;
  BOOST_TEST((one.next(1, 1h).error().code == errc::misuse));
  BOOST_TEST((one.run([](const delivered&) { return result<void>{}; }).error().code == errc::misuse));
  BOOST_TEST((rt.subscribe("post").error().code == errc::misuse));
}

BOOST_AUTO_TEST_CASE(subscribing_belongs_behind_the_start) {
  const temporary_directory place;
  auto rt = runtime::open(place / "store", memory_engine::quiet()).value();
  BOOST_TEST((rt.subscribe("mail").error().code == errc::misuse));
}

BOOST_AUTO_TEST_CASE(who_leaves_while_it_handles_an_event_handles_no_other_one) {
  const temporary_directory place;
  auto rt = opened(place);
  for (int i = 0; i < 5; ++i) rt.send<world::counter>("a", world::note{"x"}).get().value();
  auto one = rt.subscribe("mail").value();
  auto two = rt.subscribe("mail").value();
  std::vector<position> seen;
  const auto ended = one.run([&](const delivered& event) -> result<void> {
    seen.push_back(event.record.at);
    one.leave();
    return {};
  });
  BOOST_TEST(ended.has_value());
  BOOST_TEST((seen == std::vector<position>{1}));
  for (const auto& event : two.next(10, 60s).value()) seen.push_back(event.record.at);
  BOOST_TEST((seen == std::vector<position>{1, 2, 3, 4, 5}));
}

BOOST_AUTO_TEST_SUITE_END()
