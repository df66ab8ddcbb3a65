// runtime::metrics() of the log, the stream index and what waits: numbers are exact, and durations are in seconds.
#include "support/readings.hpp"
#include "support/temporary_directory.hpp"
#include "support/virtual_engine.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <numeric>

using namespace annals;
using namespace world;
using namespace std::chrono_literals;

namespace {

/// How long this test has run, in seconds: nothing in it took longer.
class seconds_since_here {
public:
  double now() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun_).count(); }

private:
  std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
};

std::size_t bytes_in(const memory_store& store) {
  return std::accumulate(store.log->records.begin(), store.log->records.end(), std::size_t{0},
                         [](std::size_t sum, const auto& one) { return sum + one.size(); });
}

}  // namespace

BOOST_AUTO_TEST_SUITE(figures_of_the_log)

BOOST_AUTO_TEST_CASE(count_events_bytes_and_commits) {
  memory_store store;
  {
    virtual_engine{store}.note("an earlier runtime");
  }
  const auto before = bytes_in(store);
  virtual_engine e{store};
  e.note("a", "one");
  const auto sent = e.engine().send("counter", "a", add::about.name, encoded(add{1, 3}), {});
  e.settle();
  BOOST_TEST(sent->await().value().accepted.at == 5u);
  const auto now = e.engine().metrics();
  BOOST_TEST(reading(now, "annals_log_events_total") == 4);
  BOOST_TEST(reading(now, "annals_log_bytes_total") == static_cast<double>(bytes_in(store) - before));
  BOOST_TEST(reading(now, "annals_log_commits_total") == 2);
  BOOST_TEST(samples_of(now, "annals_log_commit_duration_seconds") == 2u);
  BOOST_TEST(samples_of(now, "annals_log_commit_events") == 2u);
  BOOST_TEST(sum_in(now, "annals_log_commit_events") == 4);
  const auto* events = now.find("annals_log_commit_events", {});
  BOOST_TEST(events->histogram->count_up_to(1) == 1u);
  BOOST_TEST(events->histogram->count_up_to(3) == 2u);
  BOOST_TEST(samples_of(now, "annals_log_drain_duration_seconds") == 2u);
  BOOST_TEST(reading(now, "annals_log_durable_position") == 5);
  BOOST_TEST(reading(now, "annals_log_readable_position") == 5);
  BOOST_TEST(reading(now, "annals_start_time_seconds") == 1);  // the clock of this test
  BOOST_TEST(reading(now, "annals_log_full") == 0);
  BOOST_TEST(reading(now, "annals_log_failed") == 0);
}

BOOST_AUTO_TEST_CASE(tell_what_is_durable_from_what_is_readable) {
  memory_store store;
  virtual_engine e{store};
  (void)e.engine().send("counter", "a", add::about.name, encoded(add{1}), {});
  e.run();  // no time passes, so the front is not drained
  auto now = e.engine().metrics();
  BOOST_TEST(reading(now, "annals_log_durable_position") == 1);
  BOOST_TEST(reading(now, "annals_log_readable_position") == 0);
  e.settle();
  now = e.engine().metrics();
  BOOST_TEST(reading(now, "annals_log_readable_position") == 1);
}

BOOST_AUTO_TEST_CASE(say_that_the_log_is_full_and_that_it_has_failed) {
  memory_store store;
  virtual_engine e{store};
  store::memory_faults faults;
  faults.no_space = 1;
  e.log().set_faults(faults);
  (void)e.engine().send("counter", "a", add::about.name, encoded(add{1}), {});
  e.run();
  auto now = e.engine().metrics();
  BOOST_TEST(reading(now, "annals_log_full") == 1);
  BOOST_TEST(reading(now, "annals_commands_in_flight") == 1);
  (void)e.engine().send("counter", "a", add::about.name, encoded(add{1}), {});
  e.pass(2s);
  now = e.engine().metrics();
  BOOST_TEST(reading(now, "annals_log_full") == 0);
  BOOST_TEST(reading(now, "annals_commands_total", {"counter", "accepted"}) == 1);
  BOOST_TEST(reading(now, "annals_commands_total", {"counter", "storage_full"}) == 1);
  BOOST_TEST(reading(now, "annals_log_commits_total") == 1);  // one without space is none
  faults = {};
  faults.fail = true;
  e.log().set_faults(faults);
  (void)e.engine().send("counter", "a", add::about.name, encoded(add{1}), {});
  e.settle();
  now = e.engine().metrics();
  BOOST_TEST(reading(now, "annals_up") == 0);
  BOOST_TEST(reading(now, "annals_log_failed") == 1);
  BOOST_TEST(reading(now, "annals_commands_total", {"counter", "unknown"}) == 1);
}

BOOST_AUTO_TEST_CASE(say_how_far_the_stream_index_is_and_when_it_was_written) {
  memory_store store;
  auto with = memory_engine::quiet();
  with.index_flush_records = 2;
  virtual_engine e{store, true, {}, with};
  BOOST_TEST(reading(e.engine().metrics(), "annals_checkpoint_timestamp_seconds") == 1);  // when it started
  e.now = 7'000'000;
  e.note("a");
  e.note("b");
  e.pass(1s);
  e.now = 60'000'000;
  e.note("c");
  const auto now = e.engine().metrics();
  BOOST_TEST(reading(now, "annals_index_position") == 2);
  BOOST_TEST(reading(now, "annals_index_tail_records") == 1);
  BOOST_TEST(reading(now, "annals_checkpoint_timestamp_seconds") >= 7);
  BOOST_TEST(reading(now, "annals_checkpoint_timestamp_seconds") < 9);
}

/// A commit that takes a while: the command, and the query that waits for it, take as long.
BOOST_AUTO_TEST_CASE(measure_durations_in_seconds) {
  constexpr auto a_while = 50ms;
  const double least = std::chrono::duration<double>(a_while).count();
  const seconds_since_here elapsed;
  memory_store store;
  memory_engine e{store};
  const struct unblocks {
    memory_engine& of;
    ~unblocks() { of.log->unblock(); }
  } at_the_end{e};
  e.log->block();
  const auto sent = e.start("a", add{1});
  const auto asked = e.engine->ask("sums", "sum_of", encoded(sum_of{"a"}), at_least{{e.engine->head().history, 1}, 60s});
  wait_until([&] { return e.log->is_blocked(); });
  const auto end = std::chrono::steady_clock::now() + a_while;
  wait_until([&] { return std::chrono::steady_clock::now() >= end; });
  e.log->unblock();
  detail::await(*sent).value();
  detail::await(*asked).value();
  const auto now = e.engine->metrics();
  const auto check = [&](std::string_view family, std::initializer_list<std::string_view> labels = {}) {
    BOOST_TEST(samples_of(now, family, labels) == 1u, family);
    BOOST_TEST(sum_in(now, family, labels) >= least, family);
    BOOST_TEST(sum_in(now, family, labels) <= elapsed.now(), family);
  };
  check("annals_command_duration_seconds", {"counter"});
  check("annals_log_commit_duration_seconds");
  check("annals_query_duration_seconds", {"sums"});
  BOOST_TEST(samples_of(now, "annals_aggregate_load_duration_seconds", {"counter"}) == 1u);
  BOOST_TEST(sum_in(now, "annals_aggregate_load_duration_seconds", {"counter"}) > 0);
  BOOST_TEST(sum_in(now, "annals_aggregate_load_duration_seconds", {"counter"}) <= elapsed.now());
}

BOOST_AUTO_TEST_CASE(measure_a_start_by_its_phases) {
  const temporary_directory place;
  const seconds_since_here elapsed;
  auto rt = runtime::open(place / "store", memory_engine::quiet()).value();
  rt.host<counter>().value();
  rt.project<sums>().value();
  const auto phase = [&](std::string_view name) { return reading(rt.metrics(), "annals_start_duration_seconds", {name}); };
  BOOST_TEST(phase("open") > 0);
  for (const auto* not_yet : {"projections", "processes", "index"}) BOOST_TEST(phase(not_yet) == 0, not_yet);
  rt.start().value();
  BOOST_TEST(phase("projections") > 0);
  BOOST_TEST(phase("processes") > phase("projections"));
  BOOST_TEST(phase("index") > phase("processes"));
  BOOST_TEST(phase("open") + phase("index") <= elapsed.now());
}

BOOST_AUTO_TEST_SUITE_END()
