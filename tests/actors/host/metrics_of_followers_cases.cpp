// runtime::metrics() of projections, process managers and subscriptions: numbers are exact.
#include "store/log/record.hpp"
#include "support/picky.hpp"
#include "support/readings.hpp"
#include "support/repeating.hpp"
#include "support/virtual_engine.hpp"

#include <boost/test/unit_test.hpp>

using namespace annals;
using namespace world;
using namespace std::chrono_literals;

namespace {

/// start_position + applied + passed + parked = position + ahead.
void check_sums(const metrics& now, std::string_view kind, std::string_view name) {
  const auto of = [&](std::string_view family) { return reading(now, family, {kind, name}); };
  const auto events = [&](std::string_view how) { return reading(now, "annals_follower_events_total", {kind, name, how}); };
  BOOST_TEST(of("annals_follower_start_position") + events("applied") + events("passed") + events("parked") ==
             of("annals_follower_position") + of("annals_follower_ahead_events"));
}

struct tested_events {
  double applied = 0, passed = 0, parked = 0;
};
void check_events(const metrics& now, std::string_view kind, std::string_view name, const tested_events& wanted) {
  const auto events = [&](std::string_view how) { return reading(now, "annals_follower_events_total", {kind, name, how}); };
  BOOST_TEST(events("applied") == wanted.applied);
  BOOST_TEST(events("passed") == wanted.passed);
  BOOST_TEST(events("parked") == wanted.parked);
  check_sums(now, kind, name);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(figures_of_followers)

BOOST_AUTO_TEST_CASE(count_queries_by_their_outcome) {
  parks_events::begin();
  memory_store store;
  rig<parks_events> r{store};
  r.write("a", "bad");
  const auto ask = [&](std::string_view query, std::optional<at_least> when = std::nullopt) {
    return code_of(detail::await(*r.e.engine->ask("picky", query, encoded(sum_of{"a"}), when)));
  };
  const auto head = r.e.engine->head();
  wait_until([&] { return r.parked().size() == 1; });
  BOOST_TEST((ask("sum_of") == errc{0}));
  BOOST_TEST((ask("sum_of", at_least{head, 60s}) == errc::parked));
  BOOST_TEST((ask("sum_of", at_least{{head.history, head.at + 1}, 1ms}) == errc::timed_out));
  BOOST_TEST((ask("no_such_query") == errc::invalid_command));
  BOOST_TEST((ask("sum_of", at_least{{head.history + 9, 1}, 60s}) == errc::history_differs));  // refused at once
  const auto now = r.e.engine->metrics();
  const auto ended = [&](std::string_view how) { return reading(now, "annals_queries_total", {"picky", how}); };
  for (const auto* once : {"answered", "parked", "timed_out", "invalid", "failed"}) BOOST_TEST(ended(once) == 1, once);
  double all = 0;
  for (const auto& one : now.find("annals_queries_total")->series) all += one.labels[0].value == "picky" ? one.value : 0;
  BOOST_TEST(all == 5);
  BOOST_TEST(samples_of(now, "annals_query_duration_seconds", {"picky"}) == 4u);
}

/// What the rebuilt model has done beyond the old one's end is counted as what it was.
BOOST_AUTO_TEST_CASE(count_on_when_a_rebuild_replaces_a_model_that_has_stopped) {
  stops::begin();
  memory_store store;
  rig<stops> r{store};
  r.write("a", "good");
  r.write("a", "bad");
  r.e.send("a", add{1, 3}).value();  // of no interest to it
  r.write("a", "good");
  BOOST_TEST((code_of(r.count("a")) == errc::projection_failed));
  auto now = r.e.engine->metrics();
  check_events(now, "projection", "picky", {1, 0, 0});
  BOOST_TEST(reading(now, "annals_rebuild_last_duration_seconds", {"picky"}) == 0);
  stops::cures = true;
  const auto begun = std::chrono::steady_clock::now();
  BOOST_TEST(detail::await(*r.e.engine->order("picky", actors::rebuild_model{})).has_value());
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
  now = r.e.engine->metrics();
  check_events(now, "projection", "picky", {3, 3, 0});
  BOOST_TEST(reading(now, "annals_follower_position", {"projection", "picky"}) == 6);
  BOOST_TEST(reading(now, "annals_follower_stopped", {"projection", "picky"}) == 0);
  BOOST_TEST(reading(now, "annals_rebuild_last_duration_seconds", {"picky"}) > 0);
  BOOST_TEST(reading(now, "annals_rebuild_last_duration_seconds", {"picky"}) <= took.count());
  BOOST_TEST(reading(now, "annals_rebuild_position", {"picky"}) == 0);
  BOOST_TEST(reading(now, "annals_rebuild_target_position", {"picky"}) == 0);
}

BOOST_AUTO_TEST_CASE(show_a_rebuild_that_is_under_way) {
  memory_store store;
  auto with = memory_engine::quiet();
  with.projection_batch_records = 2;
  virtual_engine e{store, true, [](detail::engine& of) { of.add(detail::table_of_projection<sums>()).value(); }, with};
  for (int n = 0; n < 6; ++n) e.add("a");
  const auto rebuilt = e.engine().order("sums", actors::rebuild_model{});
  bool was_under_way = false;
  while (e.run_one()) {
    const auto now = e.engine().metrics();
    const auto at = reading(now, "annals_rebuild_position", {"sums"});
    if (at == 0) continue;
    was_under_way = true;
    BOOST_TEST(at < 6);
    BOOST_TEST(reading(now, "annals_rebuild_target_position", {"sums"}) == 6);
  }
  BOOST_TEST(was_under_way);
  BOOST_TEST(rebuilt->is_answered());
  BOOST_TEST(reading(e.engine().metrics(), "annals_rebuild_target_position", {"sums"}) == 0);
  check_events(e.engine().metrics(), "projection", "sums", {6, 0, 0});
}

/// Each event is readable before the next one is written: it is a batch.
BOOST_AUTO_TEST_CASE(measure_each_batch_in_seconds) {
  begin();
  const auto begun = std::chrono::steady_clock::now();
  memory_store store;
  virtual_engine e{store, true, [](detail::engine& of) {
                     of.add(detail::table_of_projection<sums>()).value();
                     of.add(detail::table_of_process<repeating>()).value();
                   }};
  member m{e, "mails"};
  for (int n = 0; n < 3; ++n) {
    e.add("a");
    BOOST_TEST(m.take().size() == 1u);
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
  const auto now = e.engine().metrics();
  const auto batches = [&](std::string_view kind, std::string_view name) {
    const auto* found = now.find("annals_follower_batch_duration_seconds", {kind, name});
    BOOST_TEST((found->histogram->sum > 0 && found->histogram->sum <= took.count()), name);
    return found->histogram->count;
  };
  BOOST_TEST(batches("projection", "sums") == 3u);
  BOOST_TEST(batches("subscription", "mails") == 3u);
  BOOST_TEST(batches("process", "repeating") >= 3u);  // it also reads when there is nothing new
}

BOOST_AUTO_TEST_CASE(show_the_image_that_a_model_left_and_the_next_one_began_with) {
  memory_store store;
  auto with = memory_engine::quiet();
  with.image_every_records = 2;
  const auto hosts_sums = [](detail::engine& of) { of.add(detail::table_of_projection<sums>()).value(); };
  {
    virtual_engine e{store, true, hosts_sums, with};
    BOOST_TEST(reading(e.engine().metrics(), "annals_image_position", {"sums"}) == 0);
    for (int n = 0; n < 5; ++n) e.add("a");
    e.pass(1s);
    const auto now = e.engine().metrics();
    const auto at = static_cast<position>(reading(now, "annals_image_position", {"sums"}));
    BOOST_TEST(at >= 4u);
    BOOST_TEST(reading(now, "annals_image_bytes", {"sums"}) == static_cast<double>(store.images->by_model.begin()->second.bytes.size()));
    BOOST_TEST(reading(now, "annals_image_last_duration_seconds", {"sums"}) > 0);
    BOOST_TEST(reading(now, "annals_image_last_duration_seconds", {"sums"}) < 60);
  }
  virtual_engine e{store, true, hosts_sums, with};
  const auto now = e.engine().metrics();
  BOOST_TEST(reading(now, "annals_follower_start_position", {"projection", "sums"}) >= 4);
  BOOST_TEST(reading(now, "annals_image_position", {"sums"}) == reading(now, "annals_follower_start_position", {"projection", "sums"}));
  BOOST_TEST(reading(now, "annals_image_bytes", {"sums"}) == 0);  // it has written none
  check_sums(now, "projection", "sums");
}

BOOST_AUTO_TEST_CASE(say_how_far_behind_those_are_that_began_with_an_image) {
  begin();
  memory_store store;
  auto with = memory_engine::quiet();
  with.image_every_records = 2;
  const auto hosts_both = [](detail::engine& of) {
    of.add(detail::table_of_projection<sums>()).value();
    of.add(detail::table_of_process<repeating>()).value();
  };
  {
    virtual_engine e{store, true, hosts_both, with};
    for (int n = 0; n < 4; ++n) e.add("a");
    e.pass(1s);
  }
  virtual_engine e{store, true, hosts_both, with};
  for (const auto& [kind, name] : {std::pair{"projection", "sums"}, std::pair{"process", "repeating"}})
    BOOST_TEST_REQUIRE(reading(e.engine().metrics(), "annals_follower_start_position", {kind, name}) == 4, name);
  const auto newest = store::read_record(4, store.log->records.back())->time;
  e.now = newest + 60'000'000;
  (void)e.engine().send("counter", "a", add::about.name, encoded(add{1}), {});
  double model = 0, process = 0;
  while (e.run_one()) {
    const auto now = e.engine().metrics();
    model = std::max(model, reading(now, "annals_follower_lag_seconds", {"projection", "sums"}));
    process = std::max(process, reading(now, "annals_follower_lag_seconds", {"process", "repeating"}));
  }
  BOOST_TEST(model == 60);
  BOOST_TEST(process == 60);
}

BOOST_AUTO_TEST_CASE(show_what_a_process_manager_has_observed_sent_and_parked) {
  begin();
  memory_store store;
  repeating_rig e{store};
  e.write("x 1");
  const auto bad = e.write("x bad");
  e.write("y ask");
  e.write("x 2");
  e.wait_for_parked(2);
  e.engine->settle(60s).value();
  auto now = e.engine->metrics();
  const auto of = [&](std::string_view family) { return reading(now, family, {"process", "repeating"}); };
  const auto own = static_cast<double>(store.log->records.size()) - 4;
  check_events(now, "process", "repeating", {2, own, 2});
  BOOST_TEST(of("annals_follower_position") == static_cast<double>(store.log->records.size()));
  BOOST_TEST(of("annals_follower_ahead_events") == 0);
  BOOST_TEST(of("annals_follower_ready") == 1);
  BOOST_TEST(of("annals_follower_attempts_failed_total") == 3);
  BOOST_TEST(of("annals_parked_events") == 2);
  BOOST_TEST(of("annals_parked_total") == 2);
  BOOST_TEST(reading(now, "annals_process_stuck", {"repeating"}) == 1);
  BOOST_TEST(reading(now, "annals_process_commands_open", {"repeating"}) == 0);
  BOOST_TEST(reading(now, "annals_commands_total", {"counter", "accepted"}) == 4);
  BOOST_TEST(reading(now, "annals_commands_total", {"counter", "rejected"}) == 1);  // the process manager's
  BOOST_TEST(total(now, "annals_commands_total") == 5);
  BOOST_TEST(samples_of(now, "annals_command_duration_seconds", {"counter"}) == 5u);
  cures = true;
  BOOST_TEST(e.retry(bad).value() == bad);
  e.engine->settle(60s).value();
  now = e.engine->metrics();
  BOOST_TEST(of("annals_parked_events") == 0);
  BOOST_TEST(reading(now, "annals_parked_resolved_total", {"process", "repeating", "retried"}) == 2);
  BOOST_TEST(reading(now, "annals_process_stuck", {"repeating"}) == 0);
  check_sums(now, "process", "repeating");
}

BOOST_AUTO_TEST_CASE(show_open_commands_timers_and_how_late_they_were) {
  begin();
  memory_store store;
  repeating_rig e{store};  // its clock stands at 1 s
  e.write("x bad ask");
  e.wait_for_parked(1);
  e.write("y time");
  e.engine->settle(60s).value();
  auto now = e.engine->metrics();
  BOOST_TEST(reading(now, "annals_process_commands_open", {"repeating"}) == 1);  // its instance cannot take the answer
  BOOST_TEST(reading(now, "annals_process_timers", {"repeating"}) == 1);
  BOOST_TEST(samples_of(now, "annals_process_timer_lateness_seconds", {"repeating"}) == 0u);
  e.now = 4'000'000;  // it was due at 2 s
  wait_until([&] { return reading(e.engine->metrics(), "annals_process_timers", {"repeating"}) == 0; });
  wait_until([&] { return samples_of(e.engine->metrics(), "annals_process_timer_lateness_seconds", {"repeating"}) > 0; });
  now = e.engine->metrics();
  BOOST_TEST(samples_of(now, "annals_process_timer_lateness_seconds", {"repeating"}) == 1u);
  BOOST_TEST(sum_in(now, "annals_process_timer_lateness_seconds", {"repeating"}) == 2);
}

/// The first event of an instance that tries again does not stop the others: they are ahead.
BOOST_AUTO_TEST_CASE(say_how_far_a_process_manager_is_done_and_what_is_ahead) {
  begin();
  memory_store store;
  repeating_rig e{store};
  is_held = true;
  const struct lets_go {
    ~lets_go() { is_held = false; }
  } at_the_end;
  e.write("x bad");
  e.write("x 1");
  e.send("b", add{1, 2}).value();
  const auto at_rest = [&](const metrics& now) { return reading(now, "annals_follower_ahead_events", {"process", "repeating"}) == 2; };
  wait_until([&] { return at_rest(e.engine->metrics()); });
  const auto now = e.engine->metrics();
  BOOST_TEST(reading(now, "annals_follower_position", {"process", "repeating"}) == 0);
  BOOST_TEST(reading(now, "annals_follower_lag_events", {"process", "repeating"}) == 4);
  check_events(now, "process", "repeating", {0, 2, 0});
}

BOOST_AUTO_TEST_CASE(say_what_members_have_settled_ahead_and_what_an_earlier_runtime_had) {
  memory_store store;
  {
    virtual_engine e{store};
    for (int n = 0; n < 4; ++n) e.note("a");
    member m{e, "mails"};
    BOOST_TEST(m.take().size() == 4u);
    BOOST_TEST((m.ack({2, 4}) == errc{0}));
    const auto now = e.engine().metrics();
    BOOST_TEST(reading(now, "annals_follower_position", {"subscription", "mails"}) == 0);
    BOOST_TEST(reading(now, "annals_follower_ahead_events", {"subscription", "mails"}) == 2);
    check_events(now, "subscription", "mails", {2, 0, 0});
    BOOST_TEST((m.ack({1}) == errc{0}));
    BOOST_TEST(reading(e.engine().metrics(), "annals_follower_position", {"subscription", "mails"}) == 2);
    BOOST_TEST(reading(e.engine().metrics(), "annals_follower_ahead_events", {"subscription", "mails"}) == 1);
    check_events(e.engine().metrics(), "subscription", "mails", {3, 0, 0});
  }
  virtual_engine e{store};
  member m{e, "mails"};
  BOOST_TEST(m.take().size() == 1u);
  BOOST_TEST(reading(e.engine().metrics(), "annals_follower_start_position", {"subscription", "mails"}) == 2);
  check_events(e.engine().metrics(), "subscription", "mails", {0, 1, 0});
  BOOST_TEST((m.ack({3}) == errc{0}));
  BOOST_TEST(reading(e.engine().metrics(), "annals_follower_position", {"subscription", "mails"}) == 4);
  BOOST_TEST(reading(e.engine().metrics(), "annals_follower_ahead_events", {"subscription", "mails"}) == 0);
  check_events(e.engine().metrics(), "subscription", "mails", {1, 1, 0});
  m.leave();
  member others{e, "mails", {.in_flight_max = 7}};  // begins to read again
  check_events(e.engine().metrics(), "subscription", "mails", {1, 1, 0});
}

/// It was neither applied nor parked.
BOOST_AUTO_TEST_CASE(count_as_passed_what_is_skipped_where_a_subscription_stopped) {
  memory_store store;
  virtual_engine e{store};
  e.note("a");
  e.note("a");
  member m{e, "mails", {.failure = {1, 0ms, on_failure::stop}}};
  BOOST_TEST(m.take(1).size() == 1u);
  m.nack(1);
  auto now = e.engine().metrics();
  BOOST_TEST(reading(now, "annals_follower_stopped", {"subscription", "mails"}) == 1);
  BOOST_TEST((m.skip(1) == errc{0}));
  BOOST_TEST(m.take(1).size() == 1u);
  BOOST_TEST((m.ack({2}) == errc{0}));
  now = e.engine().metrics();
  BOOST_TEST(reading(now, "annals_follower_stopped", {"subscription", "mails"}) == 0);
  check_events(now, "subscription", "mails", {1, 1, 0});
  BOOST_TEST(total(now, "annals_parked_resolved_total") == 0);
}

BOOST_AUTO_TEST_SUITE_END()
