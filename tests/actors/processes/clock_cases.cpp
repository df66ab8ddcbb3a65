// Case 87: a clock that is set, or is before 1970. Delays pass by one that nobody sets.
#include "support/relay.hpp"
#include "support/virtual_engine.hpp"

#include "actors/base/clock_offset.hpp"

#include <boost/test/unit_test.hpp>

#include <limits>

using namespace annals;
using namespace world;

namespace {

/// Sets a timer of two seconds; the clock is set meanwhile.
void check_fires_in_time(timestamp by, timestamp begin = 1'000'000) {
  memory_store store;
  virtual_engine e{store, true, host_relay};
  e.now = begin;
  e.note("a", "wait");
  e.settle();
  e.now += by;
  e.pass(1'900ms);
  BOOST_TEST(records_of(store, "counter-target").empty(), "set by " << by);
  e.pass(200ms);
  BOOST_TEST(records_of(store, "counter-target").size() == 1u, "set by " << by);
  e.note("a", "wait");  // and the next one
  e.pass(1'900ms);
  BOOST_TEST(records_of(store, "counter-target").size() == 1u);
  e.pass(200ms);
  BOOST_TEST(records_of(store, "counter-target").size() == 2u);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(clocks)

BOOST_AUTO_TEST_CASE(case_87_a_clock_that_is_set_changes_no_delay) {
  for (const auto by : {-hour, hour, -30 * hour, timestamp{0}}) check_fires_in_time(by);
}

BOOST_AUTO_TEST_CASE(case_87_a_clock_before_1970_fires_timers) { check_fires_in_time(0, -1'000 * hour); }

BOOST_AUTO_TEST_CASE(case_87_a_delay_ends_where_timestamps_do) {
  constexpr auto most = std::numeric_limits<timestamp>::max();
  using us = std::chrono::microseconds;
  BOOST_TEST(detail::due_at(-5, us{7}) == 2);
  BOOST_TEST(detail::due_at(5, us{most}) == most);
  BOOST_TEST(detail::due_at(-5, us{most}) == most - 5);
  BOOST_TEST(detail::due_at(-5, us{std::numeric_limits<timestamp>::min()}) == std::numeric_limits<timestamp>::min());
}

BOOST_AUTO_TEST_CASE(case_87_what_is_left_of_a_delay_after_a_restart_goes_by_the_stored_time) {
  constexpr timestamp second = 1'000'000;
  memory_store store;
  {
    virtual_engine e{store, true, host_relay};
    e.now -= second;
    e.note("a", "wait");
    e.settle();
  }
  virtual_engine e{store, true, host_relay};  // about a second later
  e.pass(900ms);
  BOOST_TEST(records_of(store, "counter-target").empty());
  e.pass(200ms);
  BOOST_TEST(records_of(store, "counter-target").size() == 1u);
}

BOOST_AUTO_TEST_CASE(case_87_the_log_says_when_the_clock_is_set_and_when_records_are_ahead_of_it) {
  std::vector<std::string> lines;
  auto with = memory_engine::quiet();
  with.log_sink = [&](log_level level, std::string_view line) {
    if (level == log_level::warning) lines.emplace_back(line);
  };
  const auto said = [&](std::string_view text) {
    return std::count_if(lines.begin(), lines.end(), [&](const auto& line) { return line.find(text) != std::string::npos; });
  };
  memory_store store;
  virtual_engine e{store, true, {}, with};
  for (int i = 0; i < 3; ++i) e.note("a");
  BOOST_TEST(lines.empty());
  e.now += hour;
  for (int i = 0; i < 3; ++i) e.note("a");
  BOOST_TEST(said("the clock has been set forward by 3600.0 s") == 1);
  e.now -= hour;
  for (int i = 0; i < 3; ++i) e.note("a");
  BOOST_TEST(said("the clock has been set back by 3600.0 s") == 1);
  BOOST_TEST(said("new records get its time until the clock has caught up") == 1);
  const auto last = store::read_record(store.log->records.size(), store.log->records.back()).value();
  BOOST_TEST(last.time > e.now + hour - 1'000'000);
}

BOOST_AUTO_TEST_CASE(case_87_the_offset_of_two_clocks) {
  actors::clock_offset clock{100};
  BOOST_TEST(!clock.follow(1'000, 10).has_value());
  BOOST_TEST(!clock.follow(2'050, 1'010).has_value());  // reading takes time
  BOOST_TEST(clock.steady_at(2'000) == 1'010);
  BOOST_TEST(clock.follow(1'000, 1'020).value() == -1'010);
  BOOST_TEST(clock.steady_at(2'000) == 2'020);
}

BOOST_AUTO_TEST_SUITE_END()
