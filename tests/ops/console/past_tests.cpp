// The last ten minutes of figures, as the console keeps them.
#include "ops/console/past.hpp"

#include <boost/test/unit_test.hpp>

namespace annals::ops {
namespace {

constexpr timestamp second = 1'000'000;

metrics counted(double accepted) {
  metrics all;
  auto& commands = all.families.emplace_back();
  commands.name = "annals_commands_total";
  commands.series = {{.labels = {{"category", "a"}, {"outcome", "accepted"}}, .value = accepted},
                     {.labels = {{"category", "b"}, {"outcome", "accepted"}}, .value = 1}};
  return all;
}

BOOST_AUTO_TEST_SUITE(past)

BOOST_AUTO_TEST_CASE(a_sample_has_what_an_overview_has) {
  past_figures kept;
  const auto measured = counted(6);
  kept.note(3 * second, 42, 4096, &measured);
  const auto all = kept.samples();
  BOOST_TEST_REQUIRE(all.size() == 1U);
  BOOST_TEST(all[0].at("now") == "1970-01-01T00:00:03.000000Z");
  BOOST_TEST(all[0].at("head").at("position") == 42);
  BOOST_TEST(all[0].at("counters").at("commands").at("accepted") == 7);
  BOOST_TEST(all[0].at("store").at("log_bytes") == 4096);
}

BOOST_AUTO_TEST_CASE(beside_a_program_only_the_head_is_known) {
  past_figures kept;
  kept.note(second, 42, 4096, nullptr);
  const auto all = kept.samples();
  BOOST_TEST(all[0].at("counters").at("events") == 42);
  BOOST_TEST(all[0].at("counters").at("commands").is_null());
  BOOST_TEST(all[0].at("latency").is_null());
}

BOOST_AUTO_TEST_CASE(ten_minutes_are_kept) {
  past_figures kept;
  for (timestamp at = 0; at <= 700 * second; at += 5 * second) kept.note(at, static_cast<position>(at / second), 4096, nullptr);
  const auto all = kept.samples();
  BOOST_TEST(all.size() == 121U);
  BOOST_TEST(all.front().at("head").at("position") == 100);
  BOOST_TEST(all.back().at("head").at("position") == 700);
}

BOOST_AUTO_TEST_CASE(a_clock_that_was_set_back_starts_over) {
  past_figures kept;
  for (timestamp at = 900 * second; at <= 950 * second; at += 5 * second) kept.note(at, 7, 4096, nullptr);
  kept.note(100 * second, 8, 4096, nullptr);
  const auto all = kept.samples();
  BOOST_TEST_REQUIRE(all.size() == 1U);
  BOOST_TEST(all[0].at("head").at("position") == 8);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace annals::ops
