// The contract of a log's control table, which holds the decisions of humans and subscribers. Every log passes it.
#include "support/store/log_worlds.hpp"
#include "support/store/printed.hpp"

#include <rapidcheck.h>
#include <boost/mpl/list.hpp>
#include <boost/test/unit_test.hpp>

#include <map>

using namespace annals;
using namespace annals::store;

using every_log = boost::mpl::list<worlds::on_disk, worlds::with_a_front, worlds::in_memory>;
using logs_on_disk = boost::mpl::list<worlds::on_disk, worlds::with_a_front>;

namespace {

using table = std::map<std::string, std::string>;

table control_of(const store::log& of, std::string_view prefix = {}) {
  table found;
  of.control(prefix, [&](std::string_view key, std::string_view value) { return found.emplace(key, value).second; }).value();
  return found;
}

commit_status keep(store::log& in, std::vector<control_entry> decided) { return in.drain(decided).status; }

}  // namespace

BOOST_AUTO_TEST_SUITE(control_contract)

BOOST_AUTO_TEST_CASE_TEMPLATE(what_was_decided_is_there_in_the_order_of_its_keys_also_after_reopening, World, every_log) {
  World w;
  BOOST_TEST(control_of(w.log()).empty());
  BOOST_TEST((keep(w.log(), {{"b/2", "two"}, {"a", "other"}, {"b/1", "one"}, {"c", std::string(100'000, 'x')}}) == commit_status::committed));
  const auto all = control_of(w.log());
  BOOST_TEST(all.size() == 4u);
  BOOST_TEST((control_of(w.log(), "b/") == table{{"b/1", "one"}, {"b/2", "two"}}));
  BOOST_TEST(control_of(w.log(), "d").empty());
  std::vector<std::string> seen;
  w.log().control({}, [&](std::string_view key, std::string_view) { return seen.emplace_back(key), seen.size() < 2; }).value();
  BOOST_TEST(seen == (std::vector<std::string>{"a", "b/1"}), boost::test_tools::per_element());
  w.reopen();
  BOOST_TEST((control_of(w.log()) == all));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(the_last_decision_counts_and_an_empty_value_removes, World, every_log) {
  World w;
  BOOST_TEST((keep(w.log(), {{"a", "1"}, {"b", "1"}, {"a", "2"}}) == commit_status::committed));
  BOOST_TEST((control_of(w.log()) == table{{"a", "2"}, {"b", "1"}}));
  BOOST_TEST((keep(w.log(), {{"a", ""}, {"never", ""}, {"b", ""}, {"b", "3"}}) == commit_status::committed));
  BOOST_TEST((control_of(w.log()) == table{{"b", "3"}}));
  w.reopen();
  BOOST_TEST((control_of(w.log()) == table{{"b", "3"}}));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(decisions_alone_move_neither_the_watermarks_nor_anybody, World, every_log) {
  World w;
  BOOST_TEST(append(w.log(), "a-1", 1, 3));
  std::size_t told = 0;
  w.log().on_readable([&](position) { ++told; });
  BOOST_TEST((keep(w.log(), {{"a", "1"}}) == commit_status::committed));
  BOOST_TEST(told == 0u);
  BOOST_TEST(w.log().durable() == 3u);
  BOOST_TEST(w.log().last_time() == 1'003);
  BOOST_TEST(append(w.log(), "a-1", 4, 4));
  w.reopen();
  BOOST_TEST(read_all(w.log()).size() == 4u);
  BOOST_TEST((control_of(w.log()) == table{{"a", "1"}}));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(case_11_without_space_neither_records_nor_decisions_move_and_both_may_be_tried_again, World, every_log) {
  World w;
  BOOST_TEST((keep(w.log(), {{"a", "old"}}) == commit_status::committed));
  BOOST_TEST((next_of(w.log()).add("a-1", 1, 3).make_durable_in(w.log()).status == commit_status::committed));
  const auto readable = w.log().readable();
  {
    const auto full = w.full_for_drains(2);
    BOOST_TEST((keep(w.log(), {{"a", "new"}}) == commit_status::no_space));
    BOOST_TEST((keep(w.log(), {{"a", "new"}}) == commit_status::no_space));
    BOOST_TEST(w.log().readable() == readable);
    BOOST_TEST((control_of(w.log()) == table{{"a", "old"}}));
    BOOST_TEST((keep(w.log(), {{"a", "new"}}) == commit_status::committed));
  }
  BOOST_TEST(w.log().readable() == 3u);
  BOOST_TEST((control_of(w.log()) == table{{"a", "new"}}));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(case_10_a_crash_before_the_commit_leaves_what_was_decided_before, World, every_log) {
  for (const bool durable_all_the_same : {false, true}) {
    World w;
    BOOST_TEST((keep(w.log(), {{"a", "old"}, {"b", "old"}}) == commit_status::committed));
    {
      const auto failing = w.failing_drain(durable_all_the_same);
      BOOST_TEST((keep(w.log(), {{"a", "new"}, {"b", ""}}) == commit_status::failed));
    }
    BOOST_TEST((keep(w.log(), {{"c", "more"}}) == commit_status::failed));
    w.reopen();
    BOOST_TEST((control_of(w.log()) == (durable_all_the_same ? table{{"a", "new"}} : table{{"a", "old"}, {"b", "old"}})));
    BOOST_TEST((keep(w.log(), {{"c", "more"}}) == commit_status::committed));
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_backup_carries_what_was_decided, World, logs_on_disk) {
  World w;
  BOOST_TEST((keep(w.log(), {{"a", "1"}, {"b", "2"}}) == commit_status::committed));
  const temporary_directory d;
  w.log().backup(d / "copy").value();
  BOOST_TEST((keep(w.log(), {{"a", "later"}}) == commit_status::committed));
  const auto copy = lmdb_log::open(d / "copy" / "log", {std::uint64_t{1} << 30, true}).value();
  BOOST_TEST((control_of(*copy) == table{{"a", "1"}, {"b", "2"}}));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_key_that_no_table_can_hold_is_a_broken_invariant, World, every_log) {
  for (const auto& key : {std::string{}, std::string(512, 'k')}) {
    World w;
    BOOST_CHECK_THROW(keep(w.log(), {{key, "value"}}), std::logic_error);
  }
  World w;
  BOOST_TEST((keep(w.log(), {{std::string(511, 'k'), "value"}}) == commit_status::committed));
}

BOOST_AUTO_TEST_CASE(who_only_reads_sees_what_was_decided_also_what_the_front_does_not_have) {
  worlds::with_a_front w;
  BOOST_TEST((keep(w.log(), {{"a", "1"}}) == commit_status::committed));
  BOOST_TEST((next_of(w.log()).add("a-1", 1, 3).make_durable_in(w.log()).status == commit_status::committed));
  w.close();
  const auto reader = front_log::open(w.directory(), {std::uint64_t{1} << 30, true}).value();
  BOOST_TEST(reader->readable() == 3u);
  BOOST_TEST((control_of(*reader) == table{{"a", "1"}}));
  BOOST_TEST((keep(*reader, {{"a", "2"}}) == commit_status::failed));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(any_run_of_decisions_records_faults_and_crashes_keeps_what_was_answered, World, every_log) {
  BOOST_TEST(rc::check([] {
    World w;
    table expected;
    for (auto steps = *rc::gen::inRange(1, 25); steps > 0; --steps) {
      if (*rc::gen::arbitrary<bool>()) {
        const auto three = next_of(w.log()).add("a-1", w.log().durable() + 1, w.log().durable() + 3);
        RC_ASSERT(three.make_durable_in(w.log()).status == commit_status::committed);
      }
      auto wanted = expected;
      std::vector<control_entry> decided{{"step", std::to_string(steps)}};  // so that no drain has nothing to write
      wanted["step"] = std::to_string(steps);
      for (auto count = *rc::gen::inRange(1, 6); count > 0; --count) {
        const auto key = std::to_string(*rc::gen::inRange(0, 8));
        const auto value = std::string(*rc::gen::inRange<std::size_t>(0, 9'000) / 3'000 * 3'000, static_cast<char>('a' + steps % 26));
        decided.push_back({key, value});
        value.empty() ? void(wanted.erase(key)) : void(wanted[key] = value);
      }
      switch (*rc::gen::inRange(0, 5)) {
        case 0: {
          const auto full = w.full_for_drains(1);
          RC_ASSERT(w.log().drain(decided).status == commit_status::no_space);
          break;
        }
        case 1: {
          const bool there = *rc::gen::arbitrary<bool>();
          {
            const auto failing = w.failing_drain(there);
            RC_ASSERT(w.log().drain(decided).status == commit_status::failed);
          }
          if (there) expected = wanted;
          w.reopen();
          break;
        }
        case 2: w.reopen(); break;
        default:
          RC_ASSERT(w.log().drain(decided).status == commit_status::committed);
          RC_ASSERT(w.log().readable() == w.log().durable());
          expected = wanted;
      }
      RC_ASSERT(control_of(w.log()) == expected);
    }
  }));
}

BOOST_AUTO_TEST_SUITE_END()
