// Verifies a log, and reads streams through an index that lags behind or is missing.
#include "store/derived/memory_derived_store.hpp"
#include "store/inspect/verify.hpp"
#include "store/read/scan.hpp"
#include "support/printed.hpp"
#include "support/store/kept_run.hpp"
#include "support/store/log_worlds.hpp"

#include <boost/test/unit_test.hpp>

using namespace annals;
using namespace annals::store;

namespace {

struct event {
  std::string_view stream;
  version at;
  std::uint16_t index = 0;
  std::uint16_t count = 1;
  timestamp time = 0;
};

/// The first bad position of a log with these events; 0 if the log is whole.
position first_bad(std::initializer_list<event> events) {
  memory_log log{std::make_shared<memory_disk>(1)};
  auto b = next_of(log);
  for (const auto& e : events) {
    record_view r;
    r.stream = e.stream;
    r.version = e.at;
    r.index = e.index;
    r.count = e.count;
    r.time = e.time;
    b.add(r);
  }
  b.commit_to(log);
  const auto found = verify(log);
  if (found) return 0;
  return found.error().code == errc::corrupt_record ? found.error().place : 999;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(verifying)

BOOST_AUTO_TEST_CASE(a_whole_log_is_counted) {
  worlds::on_disk w;
  BOOST_TEST(append(w.log(), "a-1", 1, 5'000));
  BOOST_TEST(append(w.log(), "b-1", 1, 3));
  const auto seen = verify(w.log()).value();
  BOOST_TEST(seen.records == 5'003u);
  BOOST_TEST(seen.streams == 2u);
  BOOST_TEST(seen.bytes == 5'003u * 7);
  worlds::on_disk empty;
  BOOST_TEST(verify(empty.log()).value().records == 0u);
}

BOOST_AUTO_TEST_CASE(case_48_the_first_damaged_or_lost_position_is_named) {
  worlds::on_disk damaged, lost;
  for (auto* w : {&damaged, &lost}) BOOST_TEST(append(w->log(), "a-1", 1, 3'000));
  damaged.damage(2'500);
  damaged.damage(2'700);
  lost.lose(2'500);
  for (auto* w : {&damaged, &lost}) {
    const auto found = verify(w->log());
    BOOST_TEST_REQUIRE(!found.has_value());
    BOOST_TEST((found.error().code == errc::corrupt_record));
    BOOST_TEST(found.error().place == 2'500u);
  }
}

BOOST_AUTO_TEST_CASE(a_version_that_is_lost_or_twice_there_is_named) {
  BOOST_TEST(first_bad({{"a-1", 1}, {"b-1", 1}, {"a-1", 2}}) == 0u);
  BOOST_TEST(first_bad({{"a-1", 1}, {"b-1", 1}, {"a-1", 3}}) == 3u);
  BOOST_TEST(first_bad({{"a-1", 1}, {"b-1", 2}}) == 2u);
  BOOST_TEST(first_bad({{"a-1", 1}, {"a-1", 1}}) == 2u);
  BOOST_TEST(first_bad({{"a-1", 0}}) == 1u);
}

BOOST_AUTO_TEST_CASE(events_of_a_command_that_are_not_together_and_whole_are_named) {
  BOOST_TEST(first_bad({{"a-1", 1, 0, 3}, {"a-1", 2, 1, 3}, {"a-1", 3, 2, 3}, {"b-1", 1}}) == 0u);
  BOOST_TEST(first_bad({{"a-1", 1, 0, 2}, {"b-1", 1}, {"a-1", 2, 1, 2}}) == 2u);
  BOOST_TEST(first_bad({{"a-1", 1, 0, 2}, {"a-1", 2, 0, 2}}) == 2u);
  BOOST_TEST(first_bad({{"a-1", 1, 1, 2}}) == 1u);
  BOOST_TEST(first_bad({{"a-1", 1, 0, 2}, {"a-1", 2, 1, 3}}) == 2u);
  BOOST_TEST(first_bad({{"a-1", 1, 0, 0}}) == 1u);
  BOOST_TEST(first_bad({{"a-1", 1}, {"a-1", 2, 0, 2}}) == 2u);  // the log ends within a command
}

BOOST_AUTO_TEST_CASE(case_17_a_time_that_goes_backward_is_named) {
  BOOST_TEST(first_bad({{"a-1", 1, 0, 1, 5}, {"a-1", 2, 0, 1, 5}}) == 0u);
  BOOST_TEST(first_bad({{"a-1", 1, 0, 1, 5}, {"a-1", 2, 0, 1, 4}}) == 2u);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(scanning)

BOOST_AUTO_TEST_CASE(a_stream_is_the_same_however_far_the_index_is) {
  memory_log log{std::make_shared<memory_disk>(1)};
  for (version v = 1; v <= 10; ++v) {
    BOOST_TEST(append(log, "a-1", v, v));
    BOOST_TEST(append(log, "b-1", v, v));
  }
  for (position indexed = 0; indexed <= 20; ++indexed) {
    memory_derived_store index{std::make_shared<memory_derived_disk>()};
    kept_run a{"a-1", 1, {}}, b{"b-1", 1, {}};
    for (position p = 1; p <= indexed; ++p) (p % 2 ? a : b).positions.push_back(p);
    std::vector<kept_run> runs;
    for (const auto& run : {a, b})
      if (!run.positions.empty()) runs.push_back(run);
    index.flush(runs_of(runs), {}, {indexed, 0}).value();
    for (const auto* behind : {static_cast<const stream_index*>(&index), static_cast<const stream_index*>(nullptr)}) {
      for (const version from : {0, 1, 4, 10, 11}) {
        std::vector<version> seen;
        scan_stream(log, behind, "b-1", from, [&](const record_view& r) {
          seen.push_back(r.version);
          return r.version < 9;
        }).value();
        std::vector<version> expected;
        for (version v = std::max<version>(from, 1); v <= 10; ++v) {
          expected.push_back(v);
          if (v >= 9) break;
        }
        BOOST_TEST(seen == expected, boost::test_tools::per_element());
      }
      for (const auto& some : {std::vector<std::string>{"b-1", "a-1", "a-1"}, {"b-1", "none-1"}}) {
        std::vector<position> at, expected;
        scan_some(log, behind, some, [&](const record_view& r) {
          at.push_back(r.at);
          return r.at < 18;
        }).value();
        for (position p = some.size() == 3 ? 1 : 2; p <= 18; p += some.size() == 3 ? 1 : 2) expected.push_back(p);
        BOOST_TEST(at == expected, boost::test_tools::per_element());
      }
      std::vector<std::string> names;
      scan_streams(log, behind, "", [&](std::string_view name, version newest) {
        names.push_back(std::string{name} + "@" + std::to_string(newest));
        return true;
      }).value();
      BOOST_TEST(names == (std::vector<std::string>{"a-1@10", "b-1@10"}), boost::test_tools::per_element());
    }
  }
}

BOOST_AUTO_TEST_CASE(a_scan_over_an_index_that_is_wrong_stops_with_the_place) {
  memory_log log{std::make_shared<memory_disk>(1)};
  BOOST_TEST(append(log, "a-1", 1, 2));
  BOOST_TEST(append(log, "b-1", 1, 1));
  BOOST_TEST(append(log, "a-1", 3, 3));
  for (const auto& [run, place] : {std::pair{kept_run{"a-1", 1, {1, 3}}, position{3}}, {kept_run{"a-1", 1, {1}}, position{4}}}) {
    memory_derived_store index{std::make_shared<memory_derived_disk>()};
    index.flush(std::array{run.view()}, {}, {3, 0}).value();
    const auto read = scan_stream(log, &index, "a-1", 1, [](const record_view&) { return true; });
    BOOST_TEST_REQUIRE(!read.has_value());
    BOOST_TEST((read.error().code == errc::store_failed));  // the log is whole
    BOOST_TEST(read.error().message().find("the stream index is damaged") != std::string::npos);
    BOOST_TEST(read.error().place == place);
    const auto some = scan_some(log, &index, std::vector<std::string>{"a-1"}, [](const record_view&) { return true; });
    BOOST_TEST_REQUIRE(!some.has_value());
    BOOST_TEST((some.error().code == errc::store_failed));
    BOOST_TEST(some.error().place == place);
  }
}

BOOST_AUTO_TEST_SUITE_END()
