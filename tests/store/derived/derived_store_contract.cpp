// The contract of the derived store, for every implementation.
#include "support/printed.hpp"
#include "support/store/derived_worlds.hpp"
#include "support/store/stores.hpp"

#include <rapidcheck.h>
#include <boost/test/unit_test.hpp>

#include <array>
#include <map>

using namespace annals;
using namespace annals::store;
using namespace derived_worlds;

BOOST_AUTO_TEST_SUITE(derived_store_contract)

BOOST_AUTO_TEST_CASE_TEMPLATE(a_new_store_knows_nothing, World, every_derived_store) {
  World w;
  BOOST_TEST(w.get().mark().at == 0u);
  BOOST_TEST(w.get().mark().checksum == 0u);
  BOOST_TEST(positions_of(w.get(), "a-1", 1).empty());
  BOOST_TEST(streams_of(w.get(), "").empty());
  BOOST_TEST(w.get().checkpoint("any") == 0u);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(positions_are_found_from_any_version_across_runs, World, every_derived_store) {
  World w;
  write(w.get(), {{"a-1", 1, {10, 11, 12}}});
  write(w.get(), {{"a-1", 4, {20}}});
  write(w.get(), {{"a-1", 5, {30, 31}}});
  const positions all{10, 11, 12, 20, 30, 31};
  for (version from = 1; from <= 6; ++from)
    for (std::size_t max = 0; max <= 7; ++max) {
      const auto end = std::min(all.size(), from - 1 + max);
      const positions expected(all.begin() + static_cast<std::ptrdiff_t>(from - 1), all.begin() + static_cast<std::ptrdiff_t>(end));
      BOOST_TEST(positions_of(w.get(), "a-1", from, max) == expected, boost::test_tools::per_element());
    }
  BOOST_TEST(positions_of(w.get(), "a-1", 7).empty());
  BOOST_TEST(positions_of(w.get(), "a-1", 0) == all, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(what_is_found_is_added_to_what_was_there, World, every_derived_store) {
  World w;
  write(w.get(), {{"a-1", 1, {10}}});
  positions found{1, 2};
  w.get().positions("a-1", 1, 5, found).value();
  BOOST_TEST(found == (positions{1, 2, 10}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(names_that_begin_alike_are_not_mixed_up, World, every_derived_store) {
  World w;
  const std::string longest(255, 'z');
  const std::string high = "a-\xff\xfe";  // bytes, not characters
  write(w.get(), {{"a", 1, {1}}, {"a-1", 1, {2}}, {"a-10", 1, {3, 4}}, {"a-2", 1, {5}}, {high, 1, {6}}, {longest, 1, {7}}});
  BOOST_TEST(positions_of(w.get(), "a", 1) == positions{1}, boost::test_tools::per_element());
  BOOST_TEST(positions_of(w.get(), "a-1", 1) == positions{2}, boost::test_tools::per_element());
  BOOST_TEST(positions_of(w.get(), "a-10", 2) == positions{4}, boost::test_tools::per_element());
  BOOST_TEST(positions_of(w.get(), high, 1) == positions{6}, boost::test_tools::per_element());
  BOOST_TEST(positions_of(w.get(), longest, 1) == positions{7}, boost::test_tools::per_element());
  for (const auto none : {"", "a-", "a-11", "b", "0"}) BOOST_TEST(positions_of(w.get(), none, 1).empty());
  BOOST_TEST((streams_of(w.get(), "a-") == listing{{"a-1", 1}, {"a-10", 2}, {"a-2", 1}, {high, 1}}));
  BOOST_TEST((streams_of(w.get(), "a-1") == listing{{"a-1", 1}, {"a-10", 2}}));
  BOOST_TEST((streams_of(w.get(), "") == listing{{"a", 1}, {"a-1", 1}, {"a-10", 2}, {"a-2", 1}, {high, 1}, {longest, 1}}));
  BOOST_TEST((streams_of(w.get(), "a", 2) == listing{{"a", 1}, {"a-1", 1}}));
  BOOST_TEST(streams_of(w.get(), "b").empty());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(marks_checkpoints_and_runs_are_there_after_reopening, World, every_derived_store) {
  World w;
  write(w.get(), {{"a-1", 1, {1, 2}}}, {2, 0xfeed}, {{"manager", 2}, {"other", 1}});
  write(w.get(), {}, {5, 0xbeef}, {{"manager", 5}});
  w.reopen();
  BOOST_TEST(w.get().mark().at == 5u);
  BOOST_TEST(w.get().mark().checksum == 0xbeefu);
  BOOST_TEST(w.get().checkpoint("manager") == 5u);
  BOOST_TEST(w.get().checkpoint("other") == 1u);
  BOOST_TEST(w.get().checkpoint("nobody") == 0u);
  BOOST_TEST(positions_of(w.get(), "a-1", 2) == positions{2}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_flush_that_fails_changes_nothing_and_may_be_tried_again, World, every_derived_store) {
  World w;
  write(w.get(), {{"a-1", 1, {1, 2}}}, {2, 2}, {{"manager", 2}});
  const std::vector<kept_run> kept{{"a-1", 3, {3, 4}}};
  const auto runs = runs_of(kept);
  const std::vector<named_checkpoint> checkpoints{{"manager", 4}};
  {
    const auto failing = w.failing();
    BOOST_TEST(!w.get().flush(runs, checkpoints, {4, 4}).has_value());
  }
  BOOST_TEST(w.get().mark().at == 2u);
  BOOST_TEST(w.get().checkpoint("manager") == 2u);
  BOOST_TEST(positions_of(w.get(), "a-1", 1).size() == 2u);
  BOOST_TEST(w.get().flush(runs, checkpoints, {4, 4}).has_value());
  BOOST_TEST(w.get().mark().at == 4u);
  BOOST_TEST(positions_of(w.get(), "a-1", 1).size() == 4u);
}

// A flush may be split, and its first parts keep the mark; after a crash between them the runs may end at other versions.
BOOST_AUTO_TEST_CASE_TEMPLATE(what_was_written_beyond_the_mark_is_written_again, World, every_derived_store) {
  World w;
  write(w.get(), {{"a-1", 1, {1, 2}}}, {2, 2});
  write(w.get(), {{"a-1", 3, {3, 5, 6}}}, {2, 2});
  w.reopen();
  BOOST_TEST(w.get().mark().at == 2u);
  BOOST_TEST(positions_of(w.get(), "a-1", 1) == (positions{1, 2, 3, 5, 6}), boost::test_tools::per_element());
  write(w.get(), {{"a-1", 3, {3, 5}}, {"b-1", 1, {4}}}, {5, 5});
  write(w.get(), {{"a-1", 5, {6}}}, {6, 6});
  w.reopen();
  BOOST_TEST(positions_of(w.get(), "a-1", 1) == (positions{1, 2, 3, 5, 6}), boost::test_tools::per_element());
  BOOST_TEST((streams_of(w.get(), "") == listing{{"a-1", 5}, {"b-1", 1}}));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_run_that_does_not_fit_to_what_is_there_is_refused_and_changes_nothing, World, every_derived_store) {
  World w;
  write(w.get(), {{"a-1", 1, {1, 2}}, {"c-1", 1, {3}}}, {3, 3});
  for (const auto& wrong : {kept_run{"a-1", 4, {5}}, {"a-1", 2, {4}}, {"a-1", 1, {1, 4, 5}}, {"b-1", 2, {4}}, {"d-1", 0, {4}}}) {
    const std::vector<kept_run> kept{{"a", 1, {4}}, wrong};
    const auto refused = w.get().flush(runs_of(kept), {}, {5, 5});
    BOOST_TEST_REQUIRE(!refused.has_value());
    BOOST_TEST((refused.error().code == errc::store_failed));
    BOOST_TEST(refused.error().reason == "the stream index is damaged");
    BOOST_TEST(refused.error().detail.find(wrong.stream) != std::string::npos, refused.error().message());
    BOOST_TEST((streams_of(w.get(), "") == listing{{"a-1", 2}, {"c-1", 1}}));
    BOOST_TEST(w.get().mark().at == 3u);
  }
  write(w.get(), {{"a-1", 1, {1, 2, 4}}, {"b-1", 1, {5}}}, {5, 5});
  BOOST_TEST(positions_of(w.get(), "a-1", 1) == (positions{1, 2, 4}), boost::test_tools::per_element());
  BOOST_TEST((streams_of(w.get(), "") == listing{{"a-1", 3}, {"b-1", 1}, {"c-1", 1}}));
}

snapshot taken_of(std::string stream, version at_version, std::string state) {
  return {std::move(stream), at_version, at_version * 10, 77, 5, std::move(state)};
}

std::string state_of(const snapshot_table& from, std::string_view stream, version newest) {
  const auto found = from.snapshot_of(stream, newest).value();
  if (!found) return "none";
  BOOST_TEST(found->stream == stream);
  BOOST_TEST(found->at == found->version * 10);
  BOOST_TEST(found->checksum == 77u);
  BOOST_TEST(found->shape == 5u);
  return found->state;
}

BOOST_AUTO_TEST_CASE_TEMPLATE(the_newest_snapshot_at_or_below_a_version_is_found, World, every_derived_store) {
  World w;
  BOOST_TEST(state_of(w.get(), "a-1", 100) == "none");
  w.get().write_snapshots(std::vector{taken_of("a-1", 10, "ten"), taken_of("a-1", 300, ""), taken_of("a-12", 5, "other")}, 9).value();
  w.reopen();
  BOOST_TEST(state_of(w.get(), "a-1", 9) == "none");
  BOOST_TEST(state_of(w.get(), "a-1", 10) == "ten");
  BOOST_TEST(state_of(w.get(), "a-1", 299) == "ten");
  BOOST_TEST(state_of(w.get(), "a-1", ~version{0}) == "");
  BOOST_TEST(state_of(w.get(), "a-12", ~version{0}) == "other");
  BOOST_TEST(state_of(w.get(), "a-2", ~version{0}) == "none");
  BOOST_TEST(state_of(w.get(), "a", ~version{0}) == "none");
}

BOOST_AUTO_TEST_CASE_TEMPLATE(of_each_stream_the_newest_snapshots_stay, World, every_derived_store) {
  World w;
  for (version v = 1; v <= 5; ++v) w.get().write_snapshots(std::vector{taken_of("a-1", v, std::to_string(v)), taken_of("b-1", 1, "b")}, 2).value();
  w.reopen();
  std::vector<std::pair<std::string, version>> all;
  w.get()
      .snapshots([&](const snapshot& one) {
        all.emplace_back(one.stream, one.version);
        return true;
      })
      .value();
  BOOST_TEST((all == std::vector<std::pair<std::string, version>>{{"a-1", 4}, {"a-1", 5}, {"b-1", 1}}));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(snapshots_that_cannot_be_written_change_nothing, World, every_derived_store) {
  World w;
  w.get().write_snapshots(std::vector{taken_of("a-1", 1, "one")}, 1).value();
  {
    const auto failing = w.failing();
    BOOST_TEST(!w.get().write_snapshots(std::vector{taken_of("a-1", 2, "two")}, 1).has_value());
  }
  BOOST_TEST(state_of(w.get(), "a-1", 9) == "one");
  BOOST_TEST(w.get().write_snapshots(std::vector{taken_of("a-1", 2, "two")}, 1).has_value());
  BOOST_TEST(state_of(w.get(), "a-1", 9) == "two");
}

using parked_list = std::vector<std::pair<std::string, position>>;
parked_list parked_in(const parked_table& from) {
  parked_list all;
  from.parked([&](std::string_view name, const parked_event& one) {
        all.emplace_back(name, one.at);
        return true;
      })
      .value();
  return all;
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_list_of_parked_events_replaces_the_one_before, World, every_derived_store) {
  World w;
  const parked_event two{2, "a-1", "no", 3, 0}, five{5, "a-1", "no", 3, 0}, nine{9, "b-1", "no", 3, 0};
  BOOST_TEST(parked_in(w.get()).empty());
  w.get().write_parked("sums", std::array{two, five}).value();
  w.get().write_parked("process p", std::array{nine}).value();
  w.get().write_parked("sum", std::array{five}).value();
  w.reopen();
  BOOST_TEST((parked_in(w.get()) == parked_list{{"process p", 9}, {"sum", 5}, {"sums", 2}, {"sums", 5}}));
  {
    const auto failing = w.failing();
    BOOST_TEST(!w.get().write_parked("sums", std::array{nine}).has_value());
  }
  BOOST_TEST(parked_in(w.get()).size() == 4u);
  w.get().write_parked("sums", std::array{five}).value();
  w.get().write_parked("sum", {}).value();
  w.reopen();
  BOOST_TEST((parked_in(w.get()) == parked_list{{"process p", 9}, {"sums", 5}}));
  std::size_t seen = 0;
  w.get().parked([&](std::string_view, const parked_event&) { return ++seen, false; }).value();
  BOOST_TEST(seen == 1u);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(checkpoints_are_listed_by_name, World, every_derived_store) {
  World w;
  BOOST_TEST(w.get().checkpoints().value().empty());
  write(w.get(), {}, {3, 3}, {{"process b", 3}, {"a", 2}});
  write(w.get(), {}, {4, 4}, {{"a", 4}});
  w.reopen();
  std::vector<std::pair<std::string, position>> all;
  for (const auto& one : w.get().checkpoints().value()) all.emplace_back(one.name, one.at);
  BOOST_TEST((all == std::vector<std::pair<std::string, position>>{{"a", 4}, {"process b", 3}}));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_long_run_is_one_run, World, every_derived_store) {
  World w;
  positions many;
  for (position p = 1; p <= 100'000; ++p) many.push_back(p * 2);
  write(w.get(), {{"a-1", 1, many}});
  BOOST_TEST(positions_of(w.get(), "a-1", 99'999) == (positions{199'998, 200'000}), boost::test_tools::per_element());
  BOOST_TEST((streams_of(w.get(), "") == listing{{"a-1", 100'000}}));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(any_runs_are_found_again, World, every_derived_store) {
  BOOST_TEST(rc::check([] {
    World w;
    std::map<std::string, positions> expected;
    position next = 1;
    for (int flushes = *rc::gen::inRange(1, 8); flushes > 0; --flushes) {
      std::map<std::string, kept_run> runs;
      for (int n = *rc::gen::inRange(1, 30); n > 0; --n) {
        const auto stream = std::string{"a-"} + std::to_string(*rc::gen::inRange(0, 12));
        auto& known = expected[stream];
        auto& run = runs.try_emplace(stream, kept_run{stream, known.size() + 1, {}}).first->second;
        run.positions.push_back(next);
        known.push_back(next++);
      }
      std::vector<kept_run> sorted;
      for (auto& [stream, run] : runs) sorted.push_back(run);
      write(w.get(), sorted, {next - 1, next});
    }
    w.reopen();
    listing all;
    for (const auto& [stream, known] : expected) {
      const auto from = *rc::gen::inRange<version>(1, known.size() + 2);
      const positions rest(known.begin() + static_cast<std::ptrdiff_t>(from - 1), known.end());
      RC_ASSERT(positions_of(w.get(), stream, from) == rest);
      all.emplace_back(stream, known.size());
    }
    RC_ASSERT(streams_of(w.get(), "") == all);
  }));
}

BOOST_AUTO_TEST_CASE(case_21_a_damaged_snapshot_is_told_with_its_version) {
  const environment_options with{std::uint64_t{1} << 30};
  const std::string key = std::string{"a-1"} + std::string(8, '\0') + "\x02";
  for (const std::string& bytes : {std::string{"short"}, std::string(40, 'x')}) {
    temporary_directory d;
    {
      auto made = lmdb_derived_store::create(d.path, someone, with).value();
      made->write_snapshots(std::vector{taken_of("a-1", 1, "one"), taken_of("a-1", 2, "two")}, 9).value();
    }
    stores::put_raw(d.path, "snapshots", key, &bytes);
    auto opened = lmdb_derived_store::open(d.path, someone, with).value();
    const auto damaged = opened->snapshot_of("a-1", 9);
    BOOST_TEST_REQUIRE(!damaged.has_value());
    BOOST_TEST((damaged.error().code == errc::corrupt_record));
    BOOST_TEST(damaged.error().place == 2u);
    BOOST_TEST(state_of(*opened, "a-1", 1) == "one");
  }
}

BOOST_AUTO_TEST_CASE(an_index_of_another_store_history_or_format_says_which) {
  temporary_directory d;
  const environment_options with{std::uint64_t{1} << 30};
  BOOST_TEST(lmdb_derived_store::create(d.path, someone, with).has_value());
  auto other = someone;
  other.store_id = std::string(32, 'b');
  BOOST_TEST((lmdb_derived_store::open(d.path, other, with).error().code == errc::store_foreign));
  other = someone;
  other.history = 8;
  BOOST_TEST((lmdb_derived_store::open(d.path, other, with).error().code == errc::history_differs));
  BOOST_TEST(lmdb_derived_store::open(d.path, someone, with).has_value());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(streams_are_listed_from_behind_any_of_them_on, World, every_derived_store) {
  World w;
  write(w.get(), {{"a", 1, {1}}, {"a-1", 1, {2}}, {"a-1", 2, {3}}, {"a-10", 1, {4}}, {"a-2", 1, {5}}, {"b-1", 1, {6}}});
  const auto names = [&](std::string_view prefix, std::string_view after, std::string all = {}) {
    for (const auto& [name, newest] : streams_of(w.get(), prefix, 1'000, after)) all += name + " ";
    return all;
  };
  BOOST_TEST(names("", "") == "a a-1 a-10 a-2 b-1 ");
  BOOST_TEST(names("", "a-1") == "a-10 a-2 b-1 ");
  BOOST_TEST(names("a-1", "") == "a-1 a-10 ");
  BOOST_TEST(names("a-1", "a") + names("a-1", "a-1") == "a-1 a-10 a-10 ");
  BOOST_TEST(names("a", "a-11") == "a-2 ");  // "a-11" need not exist
}

BOOST_AUTO_TEST_SUITE_END()
