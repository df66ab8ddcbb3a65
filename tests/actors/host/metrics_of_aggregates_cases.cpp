// runtime::metrics() of aggregates: what was loaded is in memory, or has left it.
#include "support/readings.hpp"
#include "support/virtual_engine.hpp"

#include <boost/test/unit_test.hpp>

using namespace annals;
using namespace world;
using namespace std::chrono_literals;

namespace {

double loaded_from(const metrics& now, std::string_view source) { return reading(now, "annals_aggregate_loads_total", {"counter", source}); }
double left(const metrics& now, std::string_view why) { return reading(now, "annals_aggregate_passivations_total", {"counter", why}); }

/// Loaded = in memory + left. No aggregate has died, and no load has failed.
void check_sums(const metrics& now) {
  const auto loads = total(now, "annals_aggregate_loads_total");
  BOOST_TEST(loads == reading(now, "annals_aggregates_resident") + total(now, "annals_aggregate_passivations_total"));
  BOOST_TEST(static_cast<double>(samples_of(now, "annals_aggregate_load_duration_seconds", {"counter"})) == loads);
}

options with_one_shard() {
  auto with = memory_engine::quiet();
  with.shards = 1;
  with.snapshot_every = 2;
  return with;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(figures_of_aggregates)

BOOST_AUTO_TEST_CASE(tell_where_they_came_from_and_why_they_left) {
  memory_store store;
  auto with = with_one_shard();
  with.aggregates_resident_max = 2;
  virtual_engine e{store, true, {}, with};
  for (const auto* key : {"a", "b", "c", "d"}) {
    e.note(key);
    e.note(key);
    e.pass(2s);
  }
  auto now = e.engine().metrics();
  BOOST_TEST(loaded_from(now, "stream") == 4);
  BOOST_TEST(loaded_from(now, "snapshot") == 0);
  BOOST_TEST(left(now, "count") == 2);
  BOOST_TEST(left(now, "idle") == 0);
  BOOST_TEST(left(now, "bytes") == 0);
  BOOST_TEST(reading(now, "annals_aggregates_resident") == 2);
  BOOST_TEST(reading(now, "annals_aggregate_bytes") > 0);
  BOOST_TEST(reading(now, "annals_snapshots_total", {"counter"}) == static_cast<double>(store.index->snapshots.size()));
  BOOST_TEST(store.index->snapshots.size() == 4u);
  check_sums(now);
  e.note("a");
  now = e.engine().metrics();
  BOOST_TEST(loaded_from(now, "snapshot") == 1);
  BOOST_TEST(loaded_from(now, "stream") == 4);
  e.pass(std::chrono::minutes{12});
  now = e.engine().metrics();
  BOOST_TEST(left(now, "idle") == 2);
  BOOST_TEST(reading(now, "annals_aggregates_resident") == 0);
  BOOST_TEST(reading(now, "annals_aggregate_bytes") == 0);
  check_sums(now);
}

BOOST_AUTO_TEST_CASE(say_that_they_left_because_they_were_too_large_together) {
  memory_store store;
  auto with = with_one_shard();
  with.aggregate_bytes_max = 1;  // less than one of them
  virtual_engine e{store, true, {}, with};
  for (const auto* key : {"a", "b", "c"}) e.note(key);
  e.pass(2s);
  const auto now = e.engine().metrics();
  BOOST_TEST(left(now, "bytes") >= 2);
  BOOST_TEST(left(now, "count") == 0);
  BOOST_TEST(left(now, "idle") == 0);
  check_sums(now);
}

BOOST_AUTO_TEST_SUITE_END()
