// runtime::metrics(): every series is there from the start, and the counters add up.
#include "support/picky.hpp"
#include "support/readings.hpp"
#include "support/virtual_engine.hpp"

#include <boost/test/unit_test.hpp>

#include <future>
#include <thread>

using namespace annals;
using namespace world;

BOOST_AUTO_TEST_SUITE(figures)

BOOST_AUTO_TEST_CASE(are_all_there_before_anything_has_happened) {
  memory_store store;
  virtual_engine e{store};
  const auto before = e.engine().metrics();
  e.note("a");
  member m{e, "mails"};
  BOOST_TEST(m.take().size() == 1u);
  const auto after = e.engine().metrics();
  BOOST_TEST_REQUIRE(before.families.size() == after.families.size());
  for (std::size_t i = 0; i < before.families.size(); ++i) {
    const auto& family = before.families[i];
    BOOST_TEST(family.name == after.families[i].name);
    const auto is_of_followers = std::any_of(after.families[i].series.begin(), after.families[i].series.end(), [](const metric& one) {
      return std::any_of(one.labels.begin(), one.labels.end(),
                         [](const auto& label) { return label.value == "subscription" || label.value == "mails"; });
    });
    if (!is_of_followers) BOOST_TEST(family.series.size() == after.families[i].series.size(), family.name << " got a series later");
  }
}

BOOST_AUTO_TEST_CASE(have_names_and_labels_as_prometheus_wants_them) {
  memory_store store;
  virtual_engine e{store};
  const auto is_name = [](std::string_view text) {
    return text.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == std::string_view::npos && !text.empty();
  };
  for (const auto& family : e.engine().metrics().families) {
    BOOST_TEST(is_name(family.name), family.name);
    BOOST_TEST(family.name.starts_with("annals_"));
    BOOST_TEST(family.name.ends_with("_total") == (family.kind == metric_kind::counter), family.name);
    BOOST_TEST(family.help.ends_with("."), family.name);
    BOOST_TEST((family.kind == metric_kind::histogram) == !family.bounds.empty(), family.name);
    for (const auto& one : family.series) {
      BOOST_TEST(one.histogram.has_value() == (family.kind == metric_kind::histogram), family.name);
      for (const auto& label : one.labels) BOOST_TEST(is_name(label.name), family.name);
    }
  }
}

BOOST_AUTO_TEST_CASE(count_each_answer_by_its_outcome) {
  memory_store store;
  auto with = memory_engine::quiet();
  with.commands_in_flight_max = 6;
  memory_engine e{store, with};
  std::size_t sent = 0;
  const auto send = [&](std::string_view key, const auto& command, send_options how = {}) { return ++sent, e.send(key, command, std::move(how)); };
  BOOST_TEST(send("a", add{5}).has_value());
  BOOST_TEST(send("a", add{5}, {.id = "1"}).has_value());
  BOOST_TEST(send("a", add{5}, {.id = "1"}).has_value());
  BOOST_TEST((code_of(send("a", add{6}, {.id = "1"})) == errc::id_reused));
  BOOST_TEST((code_of(send("a", add{-100})) == errc::rejected));
  BOOST_TEST((code_of(send("a", add{1}, {.expect = expectation{7}})) == errc::conflict));
  BOOST_TEST((code_of(send("", add{1})) == errc::invalid_stream));
  BOOST_TEST((code_of(send("a", throw_in_decide{})) == errc::decide_failed));
  BOOST_TEST((code_of(send("a", throw_in_evolve{})) == errc::evolve_failed));
  ++sent;
  const auto nowhere = detail::await(*e.engine->send("nowhere", "a", "add", {}, {}));
  BOOST_TEST((code_of(nowhere) == errc::not_hosted));
  const auto now = e.engine->metrics();
  const auto ended = [&](std::string_view how) { return reading(now, "annals_commands_total", {"counter", how}); };
  BOOST_TEST(ended("accepted") == 3);
  BOOST_TEST(ended("id_reused") == 1);
  BOOST_TEST(ended("rejected") == 1);
  BOOST_TEST(ended("conflict") == 1);
  BOOST_TEST(ended("invalid") == 1);
  BOOST_TEST(ended("failed") == 2);
  BOOST_TEST(reading(now, "annals_commands_total", {"", "invalid"}) == 1);
  BOOST_TEST(total(now, "annals_commands_total") == static_cast<double>(sent));
  BOOST_TEST(samples_of(now, "annals_command_duration_seconds", {"counter"}) == sent - 2);  // two were refused at once
  BOOST_TEST(reading(now, "annals_log_events_total") == 2);
  BOOST_TEST(reading(now, "annals_commands_in_flight") == 0);
  e.engine->close();
  BOOST_TEST((code_of(send("a", add{1})) == errc::closed));
  BOOST_TEST(reading(e.engine->metrics(), "annals_commands_total", {"counter", "not_written"}) == 1);
}

/// Whatever becomes of commands, each one is counted once: while the log has no space, when it fails, and when the runtime closes.
BOOST_AUTO_TEST_CASE(answers_by_outcome_are_as_many_as_commands_were_sent) {
  for (int round = 0; round < 60; ++round) {
    memory_store store;
    auto with = memory_engine::quiet();
    with.commands_in_flight_max = 10;
    virtual_engine e{store, round % 2 == 0, {}, with};
    std::vector<std::shared_ptr<detail::waiter>> all;
    const auto send = [&](int how_many) {
      for (int n = 0; n < how_many; ++n)
        all.push_back(e.engine().send("counter", std::to_string(n % 3), add::about.name, encoded(add{n % 4 == 3 ? -1'000 : 1}), {}));
    };
    send(5);
    if (round % 3 == 0) e.settle();
    store::memory_faults faults;
    faults.no_space = round % 5 == 0 ? 3 : 0;
    faults.fail = round % 5 == 1;
    faults.busy = round % 5 == 2 ? 2 : 0;
    e.log().set_faults(faults);
    send(8);
    if (round % 2 == 0) e.settle();
    send(2);
    if (round % 4 != 0) e.pass(std::chrono::seconds{3});
    e.engine().close();
    std::size_t accepted = 0;
    for (const auto& one : all) {
      BOOST_TEST_REQUIRE(one->is_answered());
      accepted += one->await().has_value();
    }
    const auto now = e.engine().metrics();
    BOOST_TEST_REQUIRE(total(now, "annals_commands_total") == static_cast<double>(all.size()), "in round " << round);
    BOOST_TEST_REQUIRE(reading(now, "annals_commands_total", {"counter", "accepted"}) == static_cast<double>(accepted), "in round " << round);
    BOOST_TEST_REQUIRE(reading(now, "annals_commands_in_flight") == 0);
  }
}

BOOST_AUTO_TEST_CASE(show_what_a_projection_has_applied_passed_and_parked) {
  parks_streams::begin();
  memory_store store;
  rig<parks_streams> r{store};
  r.write("a", "good");
  r.write("b", "bad one");
  r.write("b", "behind it");
  r.e.send("a", add{1}).value();  // of no interest to it
  BOOST_TEST(r.count("a").value() == 1);
  const auto of = [&](std::string_view how) { return reading(r.e.engine->metrics(), "annals_follower_events_total", {"projection", "picky", how}); };
  BOOST_TEST(of("applied") == 1);
  BOOST_TEST(of("passed") == 1);
  BOOST_TEST(of("parked") == 2);
  auto now = r.e.engine->metrics();
  BOOST_TEST(reading(now, "annals_follower_position", {"projection", "picky"}) == 4);
  BOOST_TEST(reading(now, "annals_follower_attempts_failed_total", {"projection", "picky"}) == 3);
  BOOST_TEST(reading(now, "annals_parked_events", {"projection", "picky"}) == 2);
  BOOST_TEST(reading(now, "annals_parked_oldest_timestamp_seconds", {"projection", "picky"}) == 1);  // the clock of this test
  parks_streams::cures = true;
  BOOST_TEST(r.retry(2).value() == 2u);
  now = r.e.engine->metrics();
  BOOST_TEST(reading(now, "annals_parked_events", {"projection", "picky"}) == 0);
  BOOST_TEST(reading(now, "annals_parked_total", {"projection", "picky"}) == 2);
  BOOST_TEST(reading(now, "annals_parked_resolved_total", {"projection", "picky", "retried"}) == 2);
  BOOST_TEST(reading(now, "annals_queries_total", {"picky", "answered"}) >= 1);
  BOOST_TEST(total(now, "annals_follower_events_total") >= 4);
}

BOOST_AUTO_TEST_CASE(show_a_projection_that_stopped_and_how_far_behind_it_is) {
  stops::begin();
  memory_store store;
  rig<stops> r{store};
  r.write("a", "good");
  r.write("a", "bad");
  BOOST_TEST((code_of(r.count("a")) == errc::projection_failed));
  r.e.now += 5'000'000;
  r.write("a", "later");
  const auto now = r.e.engine->metrics();
  BOOST_TEST(reading(now, "annals_follower_stopped", {"projection", "picky"}) == 1);
  BOOST_TEST(reading(now, "annals_follower_lag_events", {"projection", "picky"}) == 2);
  BOOST_TEST(reading(now, "annals_follower_lag_seconds", {"projection", "picky"}) == 5);
  BOOST_TEST(reading(now, "annals_up") == 1);
}

BOOST_AUTO_TEST_CASE(show_the_members_of_a_subscription_and_what_they_did) {
  memory_store store;
  virtual_engine e{store};
  for (int n = 0; n < 3; ++n) e.note("a");
  e.add("a");
  member m{e, "mails", {.types = {"noted"}, .ack_time_out = std::chrono::seconds{1}, .failure = {2, std::chrono::milliseconds{1}}}};
  BOOST_TEST(m.take(2).size() == 2u);
  auto now = e.engine().metrics();
  BOOST_TEST(reading(now, "annals_subscription_members", {"mails"}) == 1);
  BOOST_TEST(reading(now, "annals_subscription_in_flight_events", {"mails"}) == 2);
  BOOST_TEST((m.ack({1}) == fine));
  e.pass(std::chrono::seconds{2});
  BOOST_TEST(m.positions() == (positions{2, 3}));
  m.nack(2);
  e.settle();
  BOOST_TEST((m.ack({3}) == fine));
  BOOST_TEST(m.positions().empty());
  now = e.engine().metrics();
  BOOST_TEST(reading(now, "annals_subscription_ack_timeouts_total", {"mails"}) == 1);
  BOOST_TEST(reading(now, "annals_follower_attempts_failed_total", {"subscription", "mails"}) == 2);
  BOOST_TEST(reading(now, "annals_follower_events_total", {"subscription", "mails", "applied"}) == 2);
  BOOST_TEST(reading(now, "annals_follower_events_total", {"subscription", "mails", "passed"}) == 1);
  BOOST_TEST(reading(now, "annals_follower_events_total", {"subscription", "mails", "parked"}) == 1);
  BOOST_TEST(reading(now, "annals_follower_position", {"subscription", "mails"}) == 4);
  BOOST_TEST(reading(now, "annals_parked_events", {"subscription", "mails"}) == 1);
  BOOST_TEST((m.skip(2) == fine));
  now = e.engine().metrics();
  BOOST_TEST(reading(now, "annals_parked_resolved_total", {"subscription", "mails", "skipped"}) == 1);
  BOOST_TEST(reading(now, "annals_parked_oldest_timestamp_seconds", {"subscription", "mails"}) == 0);
}

BOOST_AUTO_TEST_CASE(show_that_aggregates_are_loaded_and_leave_memory) {
  memory_store store;
  auto with = memory_engine::quiet();
  with.aggregates_resident_max = 1;
  with.shards = 1;
  with.snapshot_every = 2;
  virtual_engine e{store, true, {}, with};
  for (int round = 0; round < 3; ++round)
    for (const auto* key : {"a", "b", "c"}) {
      e.note(key);
      e.note(key);
      e.pass(std::chrono::seconds{2});
    }
  auto now = e.engine().metrics();
  BOOST_TEST(reading(now, "annals_aggregate_loads_total", {"counter", "stream"}) >= 3);
  BOOST_TEST(reading(now, "annals_aggregate_loads_total", {"counter", "snapshot"}) >= 1);
  BOOST_TEST(reading(now, "annals_aggregate_passivations_total", {"counter", "count"}) >= 3);
  BOOST_TEST(reading(now, "annals_snapshots_total", {"counter"}) >= 3);
  e.pass(std::chrono::minutes{12});
  now = e.engine().metrics();
  BOOST_TEST(reading(now, "annals_aggregate_passivations_total", {"counter", "idle"}) >= 1);
  BOOST_TEST(reading(now, "annals_aggregates_resident") == 0);
  BOOST_TEST(reading(now, "annals_aggregate_bytes") == 0);
}

BOOST_AUTO_TEST_CASE(can_be_read_at_any_time_while_effects_and_projectors_work) {
  memory_store store;
  memory_engine e{store};
  std::atomic<bool> done{false};
  std::thread reader{[&] {
    double before = 0;
    while (!done) {
      const auto now = reading(e.engine->metrics(), "annals_log_events_total");
      if (now < before) std::abort();  // a counter never decreases
      before = now;
    }
  }};
  for (int n = 0; n < 500; ++n) e.send(std::to_string(n % 10), add{1}).value();
  done = true;
  reader.join();
  BOOST_TEST(reading(e.engine->metrics(), "annals_log_events_total") == 500);
}

BOOST_AUTO_TEST_CASE(of_the_store_on_disk_are_measured) {
  const auto directory = std::filesystem::temp_directory_path() / "annals-metrics-cases";
  std::filesystem::remove_all(directory);
  {
    auto rt = runtime::open(directory, memory_engine::quiet()).value();
    rt.host<counter>().value();
    rt.start().value();
    rt.send<counter>("a", add{1}).get().value();
    wait_until([&] { return reading(rt.metrics(), "annals_lmdb_map_bytes", {"log"}) > 0; });
    const auto now = rt.metrics();
    BOOST_TEST(reading(now, "annals_store_bytes", {"log"}) > 0);
    BOOST_TEST(reading(now, "annals_store_bytes", {"front"}) >= 256 << 10);
    BOOST_TEST(reading(now, "annals_lmdb_pages", {"log", "used"}) > 0);
    BOOST_TEST(reading(now, "annals_lmdb_readers_limit", {"log"}) == 512);
    BOOST_TEST(reading(now, "annals_disk_free_bytes", {"derived"}) > 0);
    BOOST_TEST(reading(now, "annals_start_duration_seconds", {"open"}) > 0);
    BOOST_TEST(reading(now, "annals_log_commits_total") == 1);
    BOOST_TEST(samples_of(now, "annals_log_commit_events") == 1u);
    auto moved = std::move(rt);
    BOOST_TEST(rt.metrics().families.empty());
    BOOST_TEST(!moved.metrics().families.empty());
  }
  std::filesystem::remove_all(directory);
}

BOOST_AUTO_TEST_SUITE_END()
