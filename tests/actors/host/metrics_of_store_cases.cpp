// runtime::metrics() of the store on disk, and the limits that are in force: each number is at its place.
#include "actors/host/metrics.hpp"
#include "store/measure.hpp"
#include "support/readings.hpp"
#include "support/temporary_directory.hpp"
#include "support/virtual_engine.hpp"

#include <annals/version.hpp>

#include <boost/test/unit_test.hpp>

using namespace annals;
using namespace world;

namespace {

/// Sets all cells to numbers that differ: 1, 2, 3 …
void number_cells(actors::store_meters& all) {
  std::uint64_t n = 0;
  for (auto* in : {&all.log, &all.derived})
    for (auto* cell : {&in->map_bytes, &in->pages_used, &in->pages_free, &in->readers, &in->readers_limit, &in->oldest_reader, &in->disk_free})
      cell->set(++n);
  for (auto* cell : {&all.log_bytes, &all.front_bytes, &all.derived_bytes, &all.image_bytes}) cell->set(++n);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(figures_of_the_store)

BOOST_AUTO_TEST_CASE(are_each_at_their_place) {
  actors::meters cells;
  number_cells(cells.store);
  detail::shown_runtime shown;
  shown.meters = &cells;
  metrics now;
  detail::add_store(now, shown);
  double n = 0;
  for (const auto* of : {"log", "derived"}) {
    BOOST_TEST(reading(now, "annals_lmdb_map_bytes", {of}) == ++n);
    BOOST_TEST(reading(now, "annals_lmdb_pages", {of, "used"}) == ++n);
    BOOST_TEST(reading(now, "annals_lmdb_pages", {of, "free"}) == ++n);
    BOOST_TEST(reading(now, "annals_lmdb_readers", {of}) == ++n);
    BOOST_TEST(reading(now, "annals_lmdb_readers_limit", {of}) == ++n);
    BOOST_TEST(reading(now, "annals_lmdb_oldest_reader_transactions", {of}) == ++n);
    BOOST_TEST(reading(now, "annals_disk_free_bytes", {of}) == ++n);
  }
  for (const auto* part : {"log", "front", "derived", "images"}) BOOST_TEST(reading(now, "annals_store_bytes", {part}) == ++n, part);
}

BOOST_AUTO_TEST_CASE(are_what_the_store_says_when_it_is_measured) {
  const temporary_directory place;
  store::open_options how;
  how.log_map_bytes = std::uint64_t{1} << 28;
  how.derived_map_bytes = std::uint64_t{1} << 27;
  const std::shared_ptr<store::opened> opened = store::open_store(place / "store", how).value();
  actors::meters cells;
  detail::parts_of(opened).measure(cells.store);
  const auto seen = store::measure(*opened);
  detail::shown_runtime shown;
  shown.meters = &cells;
  metrics now;
  detail::add_store(now, shown);
  const auto check = [&](const char* of, const store::environment_usage& wanted, std::uint64_t disk_free) {
    BOOST_TEST(wanted.pages_used > 0u);
    BOOST_TEST(reading(now, "annals_lmdb_map_bytes", {of}) == static_cast<double>(wanted.map_bytes));
    BOOST_TEST(reading(now, "annals_lmdb_pages", {of, "used"}) == static_cast<double>(wanted.pages_used));
    BOOST_TEST(reading(now, "annals_lmdb_pages", {of, "free"}) == static_cast<double>(wanted.pages_free));
    BOOST_TEST(reading(now, "annals_lmdb_readers", {of}) == static_cast<double>(wanted.readers));
    BOOST_TEST(reading(now, "annals_lmdb_readers_limit", {of}) == static_cast<double>(wanted.readers_limit));
    BOOST_TEST(reading(now, "annals_disk_free_bytes", {of}) > static_cast<double>(disk_free) / 2);
    BOOST_TEST(reading(now, "annals_disk_free_bytes", {of}) < static_cast<double>(disk_free) * 2);
  };
  check("log", seen.log, seen.log_disk_free);
  check("derived", seen.derived, seen.derived_disk_free);
  const auto bytes_of = [&](const char* file) { return static_cast<double>(std::filesystem::file_size(place / "store" / file)); };
  BOOST_TEST(reading(now, "annals_lmdb_map_bytes", {"log"}) == static_cast<double>(how.log_map_bytes));
  BOOST_TEST(reading(now, "annals_lmdb_map_bytes", {"derived"}) == static_cast<double>(how.derived_map_bytes));
  BOOST_TEST(reading(now, "annals_store_bytes", {"log"}) == bytes_of("log/data.mdb"));
  BOOST_TEST(reading(now, "annals_store_bytes", {"front"}) == bytes_of("log/front"));
  BOOST_TEST(reading(now, "annals_store_bytes", {"derived"}) == bytes_of("derived/data.mdb"));
  BOOST_TEST(reading(now, "annals_store_bytes", {"images"}) == 0);
}

BOOST_AUTO_TEST_CASE(come_with_the_limits_that_are_in_force_and_the_version) {
  memory_store store;
  auto with = memory_engine::quiet();
  with.commands_in_flight_max = 77;
  with.aggregates_resident_max = 33;
  with.index_tail_records_max = 5'000;
  with.index_flush_records = 1'000;
  virtual_engine e{store, true, [](detail::engine& of) { of.add(detail::table_of_projection<sums>()).value(); }, with};
  member m{e, "mails", {.failure = {1, std::chrono::milliseconds{1}, on_failure::park_event}, .parked_max = 55}};
  const auto now = e.engine().metrics();
  BOOST_TEST(reading(now, "annals_commands_in_flight_limit") == 77);
  BOOST_TEST(reading(now, "annals_aggregates_resident_limit") == 33);
  BOOST_TEST(reading(now, "annals_index_tail_records_limit") == 5'000);
  BOOST_TEST(reading(now, "annals_parked_limit", {"projection", "sums"}) == static_cast<double>(actors::parked_events::max));
  BOOST_TEST(reading(now, "annals_parked_limit", {"subscription", "mails"}) == 55);
  BOOST_TEST(reading(now, "annals_build_info", {library_version, std::to_string(store::log_format)}) == 1);
}

BOOST_AUTO_TEST_SUITE_END()
