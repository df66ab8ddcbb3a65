// The contract that every log passes.
#include "support/store/log_worlds.hpp"
#include "support/store/printed.hpp"

#include <rapidcheck.h>
#include <boost/mpl/list.hpp>
#include <boost/test/unit_test.hpp>

#include <atomic>
#include <thread>

using namespace annals;
using namespace annals::store;

using every_log = boost::mpl::list<worlds::on_disk, worlds::with_a_front, worlds::in_memory>;
using logs_that_run_out_of_space = boost::mpl::list<worlds::on_disk, worlds::in_memory>;

namespace {

/// Expects positions 1, 2, 3 … and nothing else.
bool is_gap_free(const std::vector<kept_record>& records) {
  for (std::size_t i = 0; i < records.size(); ++i)
    if (records[i].at != i + 1) return false;
  return true;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(log_contract)

BOOST_AUTO_TEST_CASE_TEMPLATE(a_new_log_is_empty, World, every_log) {
  World w;
  BOOST_TEST(w.log().durable() == 0u);
  BOOST_TEST(w.log().readable() == 0u);
  BOOST_TEST(w.log().last_time() == 0);
  BOOST_TEST(read_all(w.log()).empty());
  BOOST_TEST(w.log().identity().history != 0u);
  BOOST_TEST(w.log().identity().store_id.size() == 32u);
  BOOST_TEST(w.log().identity().former.empty());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(what_is_appended_is_read_back_in_order, World, every_log) {
  World w;
  auto b = next_of(w.log()).add("a-1", 1, 3).add("b-1", 1, 1, std::string(5'000, 'x')).add("a-1", 4, 4, "");
  BOOST_TEST((b.commit_to(w.log()).status == commit_status::committed));
  const auto found = read_all(w.log());
  BOOST_TEST_REQUIRE(found.size() == 5u);
  BOOST_TEST(is_gap_free(found));
  BOOST_TEST(found[3].stream == "b-1");
  BOOST_TEST(found[3].payload == std::string(5'000, 'x'));
  BOOST_TEST(found[4].stream == "a-1");
  BOOST_TEST(found[4].version == 4u);
  BOOST_TEST(found[4].payload.empty());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_log_goes_on_where_it_was_after_reopening, World, every_log) {
  World w;
  BOOST_TEST(append(w.log(), "a-1", 1, 10));
  const auto before = w.log().identity();
  const auto time = w.log().last_time();
  w.reopen();
  BOOST_TEST(w.log().durable() == 10u);
  BOOST_TEST(w.log().readable() == 10u);
  BOOST_TEST(w.log().last_time() == time);
  BOOST_TEST(w.log().identity().store_id == before.store_id);
  BOOST_TEST(w.log().identity().history == before.history);
  BOOST_TEST(append(w.log(), "a-1", 11, 12));
  const auto found = read_all(w.log());
  BOOST_TEST(found.size() == 12u);
  BOOST_TEST(is_gap_free(found));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(every_writable_open_raises_the_generation, World, every_log) {
  World w;
  const auto first = w.log().identity().generation;
  BOOST_TEST(first > 0u);
  w.reopen();
  BOOST_TEST(w.log().identity().generation == first + 1);
  w.reopen();
  BOOST_TEST(w.log().identity().generation == first + 2);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(the_time_and_the_watermarks_follow_each_commit, World, every_log) {
  World w;
  std::vector<position> told;
  w.log().on_readable([&](position head) { told.push_back(head); });
  BOOST_TEST(append(w.log(), "a-1", 1, 2));
  BOOST_TEST(w.log().durable() == 2u);
  BOOST_TEST(w.log().last_time() == 1'002);
  BOOST_TEST(append(w.log(), "a-1", 3, 5));
  BOOST_TEST(w.log().readable() == 5u);
  BOOST_TEST(w.log().last_time() == 1'005);
  BOOST_TEST(told == (std::vector<position>{2, 5}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_batch_without_records_changes_nothing, World, every_log) {
  World w;
  BOOST_TEST(append(w.log(), "a-1", 1, 2));
  BOOST_TEST((next_of(w.log()).commit_to(w.log()).status == commit_status::committed));
  BOOST_TEST(w.log().durable() == 2u);
  BOOST_TEST(w.log().last_time() == 1'002);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(reading_stops_at_its_limits, World, every_log) {
  World w;
  BOOST_TEST(next_of(w.log()).add("a-1", 1, 10, std::string(1'000, 'x')).commit_to(w.log()).detail == "");
  const auto count = [&](position from, read_limits limits, std::size_t stop_after = 100) {
    std::size_t seen = 0;
    const auto next = w.log().read(from, limits, [&](const record_view&) { return ++seen < stop_after; });
    return std::pair{seen, *next};
  };
  BOOST_TEST((count(1, {3, 1'000'000}) == std::pair{std::size_t{3}, position{4}}));
  BOOST_TEST((count(9, {100, 1'000'000}) == std::pair{std::size_t{2}, position{11}}));
  BOOST_TEST((count(1, {100, 2'500}) == std::pair{std::size_t{3}, position{4}}));  // exceeded by one record
  BOOST_TEST((count(1, {100, 1}) == std::pair{std::size_t{1}, position{2}}));      // a record above the limit is read all the same
  BOOST_TEST((count(4, {100, 1'000'000}, 2) == std::pair{std::size_t{2}, position{6}}));
  BOOST_TEST((count(0, {1, 1'000'000}) == std::pair{std::size_t{1}, position{2}}));
  BOOST_TEST((count(11, {100, 1'000'000}) == std::pair{std::size_t{0}, position{11}}));
  BOOST_TEST((count(500, {100, 1'000'000}) == std::pair{std::size_t{0}, position{500}}));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(records_are_read_at_exactly_their_positions, World, every_log) {
  World w;
  BOOST_TEST(append(w.log(), "a-1", 1, 20));
  std::vector<version> seen;
  const auto see = [&](const record_view& r) {
    seen.push_back(r.version);
    return seen.size() < 3;
  };
  const position some[] = {2, 3, 19, 20};
  BOOST_TEST(w.log().read_at(some, see).has_value());
  BOOST_TEST(seen == (std::vector<version>{2, 3, 19}), boost::test_tools::per_element());
  BOOST_TEST(w.log().read_at({}, see).has_value());
  const position past[] = {21};
  const auto missing = w.log().read_at(past, see);
  BOOST_TEST_REQUIRE(!missing.has_value());
  BOOST_TEST((missing.error().code == errc::corrupt_record));
  BOOST_TEST(missing.error().place == 21u);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(case_11_no_space_is_a_clean_abort_and_the_same_batch_may_be_tried_again, World, logs_that_run_out_of_space) {
  World w;
  BOOST_TEST(append(w.log(), "a-1", 1, 3));
  const auto b = next_of(w.log()).add("a-1", 4, 500);
  {
    const auto full = w.full_for(2);
    BOOST_TEST((b.commit_to(w.log()).status == commit_status::no_space));
    BOOST_TEST(w.log().durable() == 3u);
    BOOST_TEST(read_all(w.log()).size() == 3u);
    BOOST_TEST((b.commit_to(w.log()).status == commit_status::no_space));
    BOOST_TEST((b.commit_to(w.log()).status == commit_status::committed));
  }
  BOOST_TEST(w.log().durable() == 500u);
  w.reopen();
  BOOST_TEST(read_all(w.log()).size() == 500u);
  BOOST_TEST(is_gap_free(read_all(w.log())));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(case_11_nothing_of_a_batch_without_space_is_there_after_a_crash, World, logs_that_run_out_of_space) {
  World w;
  BOOST_TEST(append(w.log(), "a-1", 1, 3));
  {
    const auto full = w.full_for(1);
    BOOST_TEST((next_of(w.log()).add("a-1", 4, 500).commit_to(w.log()).status == commit_status::no_space));
  }
  w.reopen();
  BOOST_TEST(w.log().durable() == 3u);
  BOOST_TEST(append(w.log(), "a-1", 4, 4));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(case_10_a_failed_log_refuses_everything_and_the_next_open_knows, World, every_log) {
  for (const bool durable_all_the_same : {false, true}) {
    World w;
    BOOST_TEST(append(w.log(), "a-1", 1, 3));
    const auto b = next_of(w.log()).add("a-1", 4, 9);
    {
      const auto failing = w.failing(durable_all_the_same);
      BOOST_TEST((b.commit_to(w.log()).status == commit_status::failed));
      BOOST_TEST(w.log().durable() == 3u);
      BOOST_TEST(w.log().readable() == 3u);
    }
    BOOST_TEST((b.commit_to(w.log()).status == commit_status::failed));
    BOOST_TEST((next_of(w.log()).add("b-1", 1, 1).commit_to(w.log()).status == commit_status::failed));
    w.reopen();
    BOOST_TEST(w.log().durable() == (durable_all_the_same ? 9u : 3u));
    BOOST_TEST(read_all(w.log()).size() == w.log().durable());
    BOOST_TEST(append(w.log(), "c-1", 1, 1));
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(case_48_a_damaged_record_is_named_and_those_before_it_are_read, World, every_log) {
  World w;
  BOOST_TEST(append(w.log(), "a-1", 1, 9));
  w.damage(5);
  std::size_t seen = 0;
  const auto read = w.log().read(1, {}, [&](const record_view&) { return ++seen > 0; });
  BOOST_TEST_REQUIRE(!read.has_value());
  BOOST_TEST((read.error().code == errc::corrupt_record));
  BOOST_TEST(read.error().place == 5u);
  BOOST_TEST(seen == 4u);
  BOOST_TEST(w.log().read(6, {}, [&](const record_view&) { return ++seen > 0; }).value() == 10u);
  const position bad[] = {4, 5, 6};
  BOOST_TEST(w.log().read_at(bad, [](const record_view&) { return true; }).error().place == 5u);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_commit_that_leaves_a_gap_is_a_broken_invariant, World, every_log) {
  World w;
  BOOST_CHECK_THROW(batch{5}.add("a-1", 1, 1).commit_to(w.log()), std::logic_error);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(no_reader_sees_what_is_past_the_readable_head, World, every_log) {
  World w;
  std::atomic<bool> done{false};
  std::atomic<std::size_t> wrong{0}, reads{0};
  const auto follow = [&] {
    position next = 1;
    while (!done || next <= w.log().readable()) {
      const auto read = w.log().read(next, {}, [&](const record_view& r) {
        if (r.at != next || r.at > w.log().readable()) ++wrong;
        ++next;
        return true;
      });
      if (!read || *read != next) ++wrong;
      ++reads;
    }
    if (next != w.log().durable() + 1) ++wrong;
  };
  std::thread one{follow}, other{follow};
  for (int i = 0; i < 300; ++i)
    if (!append(w.log(), "a-1", static_cast<version>(i * 7 + 1), static_cast<version>(i * 7 + 7))) ++wrong;
  done = true;
  one.join();
  other.join();
  BOOST_TEST(wrong == 0u);
  BOOST_TEST(reads > 2u);
}

/// Whatever happens to its commits, a log has exactly the records that it reported as durable, and perhaps those of failed commits.
BOOST_AUTO_TEST_CASE_TEMPLATE(any_run_of_commits_faults_and_crashes_leaves_a_log_without_gaps, World, every_log) {
  BOOST_TEST(rc::check([] {
    World w;
    std::vector<std::string> expected;  // payloads
    const auto steps = *rc::gen::inRange(1, 25);
    for (int i = 0; i < steps; ++i) {
      const auto count = *rc::gen::inRange<version>(1, 40);
      auto b = next_of(w.log());
      std::vector<std::string> added;
      for (version v = 1; v <= count; ++v) added.push_back(std::to_string(i) + "/" + std::to_string(v));
      for (version v = 1; v <= count; ++v) b.add("a-1", expected.size() + v, expected.size() + v, added[v - 1]);
      const auto take = [&] { expected.insert(expected.end(), added.begin(), added.end()); };
      switch (*rc::gen::inRange(0, 5)) {
        case 0: {
          const auto full = w.full_for(1);
          const auto status = b.commit_to(w.log()).status;
          RC_ASSERT(status == (World::may_run_out_of_space ? commit_status::no_space : commit_status::committed));
          if (status == commit_status::committed) take();
          break;
        }
        case 1: {
          const bool there = *rc::gen::arbitrary<bool>();
          {
            const auto failing = w.failing(there);
            RC_ASSERT(b.commit_to(w.log()).status == commit_status::failed);
          }
          if (there) take();
          w.reopen();
          break;
        }
        case 2: w.reopen(); break;
        default: {
          RC_ASSERT(b.commit_to(w.log()).status == commit_status::committed);
          take();
        }
      }
      RC_ASSERT(w.log().durable() == expected.size());
    }
    const auto found = read_all(w.log());
    RC_ASSERT(is_gap_free(found));
    RC_ASSERT(found.size() == expected.size());
    for (std::size_t i = 0; i < found.size(); ++i) RC_ASSERT(found[i].payload == expected[i]);
  }));
}

BOOST_AUTO_TEST_CASE(readable_may_lag_behind_durable_until_it_is_released) {
  worlds::in_memory w;
  std::vector<position> told;
  w.log().on_readable([&](position head) { told.push_back(head); });
  w.memory().set_faults({.readable_lags = true});
  BOOST_TEST(append(w.log(), "a-1", 1, 3));
  BOOST_TEST(w.log().durable() == 3u);
  BOOST_TEST(w.log().readable() == 0u);
  BOOST_TEST(read_all(w.log()).empty());
  const position first[] = {1};
  BOOST_TEST(!w.log().read_at(first, [](const record_view&) { return true; }).has_value());
  w.memory().release();
  BOOST_TEST(read_all(w.log()).size() == 3u);
  BOOST_TEST(told == std::vector<position>{3}, boost::test_tools::per_element());
  w.reopen();
  BOOST_TEST(w.log().readable() == 3u);
}

BOOST_AUTO_TEST_SUITE_END()
