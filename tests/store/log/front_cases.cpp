// The front (the write-ahead log): records that are durable only in it survive whatever ends the process.
#include "store/log/fronts.hpp"
#include "support/store/child_process.hpp"
#include "support/store/disk_faults.hpp"
#include "support/store/printed.hpp"

#include <rapidcheck.h>
#include <boost/test/unit_test.hpp>

#include <cerrno>

using namespace annals;
using namespace annals::store;
using namespace fronts;
using namespace stores;
namespace fs = std::filesystem;

BOOST_AUTO_TEST_SUITE(front)

BOOST_AUTO_TEST_CASE(what_is_durable_and_not_readable_is_both_after_reopening) {
  temporary_directory d;
  {
    const auto store = try_open(d.path).value();
    fill_front(*store->log, 7);
    BOOST_TEST(store->log->durable() == 7u);
    BOOST_TEST(store->log->readable() == 0u);
    BOOST_TEST(read_all(*store->log).empty());
  }
  const auto store = try_open(d.path).value();
  BOOST_TEST(has_exactly(*store->log, 7));
  fill_front(*store->log, 9);
  BOOST_TEST((store->log->drain().status == commit_status::committed));
  BOOST_TEST(has_exactly(*store->log, 9));
}

BOOST_AUTO_TEST_CASE(a_reader_without_a_writer_sees_what_only_the_front_has_and_changes_nothing) {
  const filled f{9, 4};
  const auto front = read_file(front_of(f.at));
  {
    const auto reader = try_open(f.at, reading()).value();
    BOOST_TEST(has_exactly(*reader->log, 9));
    std::vector<version> seen;
    const position some[] = {3, 5, 9};
    reader->log->read_at(some, [&](const record_view& r) { return seen.push_back(r.version), true; }).value();
    BOOST_TEST(seen == (std::vector<version>{3, 5, 9}), boost::test_tools::per_element());
    BOOST_TEST(read_all(*reader->log, 6).size() == 4u);
    BOOST_TEST((next_of(*reader->log).add("a-1", 10, 10).make_durable_in(*reader->log).status == commit_status::failed));
  }
  BOOST_TEST(read_file(front_of(f.at)) == front);
  BOOST_TEST(has_exactly(*try_open(f.at).value()->log, 9));
}

BOOST_AUTO_TEST_CASE(a_reader_beside_a_writer_sees_the_readable_head) {
  temporary_directory d;
  child_process writer{[&](auto&& report) {
    const auto store = try_open(d.path).value();
    fill_front(*store->log, 5);
    (void)store->log->drain();
    fill_front(*store->log, 8);
    report(1);
    ::pause();
  }};
  std::uint64_t ready = 0;
  BOOST_TEST_REQUIRE(writer.next(ready));
  {
    const auto reader = try_open(d.path, reading()).value();
    BOOST_TEST(reader->log->readable() == 5u);
    BOOST_TEST(read_all(*reader->log).size() == 5u);
  }
  writer.kill();
  BOOST_TEST(has_exactly(*try_open(d.path, reading()).value()->log, 8));
  BOOST_TEST(has_exactly(*try_open(d.path).value()->log, 8));
}

BOOST_AUTO_TEST_CASE(a_full_front_is_busy_until_it_is_drained) {
  temporary_directory d;
  const auto store = try_open(d.path).value();
  auto& log = *store->log;
  const auto next = [&] { return next_event(log); };
  while (next().make_durable_in(log).status == commit_status::committed) {
  }
  const auto head = log.durable();
  BOOST_TEST(head == options().front_bytes_max / block);
  BOOST_TEST((next().make_durable_in(log).status == commit_status::busy));
  BOOST_TEST(log.durable() == head);
  {
    const disk_faults::armed full{{disk_faults::step::page, 1, ENOSPC}};
    BOOST_TEST((log.drain().status == commit_status::no_space));
    BOOST_TEST((next().make_durable_in(log).status == commit_status::busy));
    BOOST_TEST(log.readable() == 0u);
  }
  BOOST_TEST((log.drain().status == commit_status::committed));
  BOOST_TEST((next().make_durable_in(log).status == commit_status::committed));
  (void)log.drain();
  BOOST_TEST(has_exactly(log, head + 1));
}

BOOST_AUTO_TEST_CASE(case_101_where_there_is_no_space_an_open_reads_and_writes_when_there_is) {
  for (const version drained : {0, 20, 30}) {
    const filled f{30, drained};
    {
      auto full = std::make_unique<disk_faults::armed>(disk_faults::fault{disk_faults::step::page, 1'000, ENOSPC});
      const auto store = try_open(f.at).value();
      auto& log = *store->log;
      std::vector<position> grown;
      log.on_readable([&](position head) { grown.push_back(head); });
      BOOST_TEST(!log.takes_commits());
      BOOST_TEST(full->failed() > 0u);
      BOOST_TEST(has_exactly(log, 30));
      const auto last = read_all(log).back().time;
      BOOST_TEST(log.last_time() == last);
      BOOST_TEST((next_event(log).make_durable_in(log).status == commit_status::no_space));
      BOOST_TEST((log.drain().status == commit_status::no_space));
      BOOST_TEST(has_exactly(log, 30));
      full.reset();
      BOOST_TEST((next_event(log).make_durable_in(log).status == commit_status::no_space));  // only the drainer begins writing
      BOOST_TEST((log.drain().status == commit_status::committed));
      BOOST_TEST(log.takes_commits());
      BOOST_TEST(has_exactly(log, 30));
      fill_front(log, 35);
      (void)log.drain();
      BOOST_TEST(has_exactly(log, 35));
      for (const auto head : grown) BOOST_TEST(head >= 30u);
      const position some[] = {1, 20, 21, 30, 31, 35};
      std::size_t seen = 0;
      BOOST_TEST(log.read_at(some, [&](const record_view&) { return ++seen, true; }).has_value());
      BOOST_TEST(seen == 6u);
    }
    BOOST_TEST(has_exactly(*try_open(f.at, reading()).value()->log, 35));
    BOOST_TEST(has_exactly(*try_open(f.at).value()->log, 35));
  }
}

BOOST_AUTO_TEST_CASE(case_101_what_an_open_without_space_leaves_is_there_at_the_next) {
  const filled f{30, 10};
  {
    const disk_faults::armed full{{disk_faults::step::page, 1'000, ENOSPC}};
    BOOST_TEST(has_exactly(*try_open(f.at).value()->log, 30));
  }
  BOOST_TEST(has_exactly(*try_open(f.at, reading()).value()->log, 30));
  BOOST_TEST(has_exactly(*try_open(f.at).value()->log, 30));
}

BOOST_AUTO_TEST_CASE(case_101_a_new_history_does_not_begin_without_space) {
  const filled f{30, 30};
  try_open(f.at).value()->log->backup(f.directory / "copy").value();
  {
    const disk_faults::armed full{{disk_faults::step::page, 1'000, ENOSPC}};
    BOOST_TEST((code_of(try_open(f.directory / "copy")) == errc::storage_full));
  }
  BOOST_TEST(has_exactly(*try_open(f.directory / "copy").value()->log, 30));
}

BOOST_AUTO_TEST_CASE(case_101_a_map_that_is_full_does_not_keep_a_log_from_being_read) {
  temporary_directory d;
  auto with = options();
  with.log_map_bytes = 2 << 20;
  version head = 0;
  {
    const auto store = try_open(d.path, with).value();
    auto& log = *store->log;
    do {
      for (int i = 0; i < 8; ++i) BOOST_TEST_REQUIRE((next_event(log, 20'000).make_durable_in(log).status == commit_status::committed));
    } while (log.drain().status == commit_status::committed);
    head = log.durable();
    BOOST_TEST(log.readable() < head);
  }
  {
    const auto store = try_open(d.path, with).value();
    BOOST_TEST(!store->log->takes_commits());
    BOOST_TEST(has_exactly(*store->log, head));
  }
  BOOST_TEST(has_exactly(*try_open(d.path).value()->log, head));
}

BOOST_AUTO_TEST_CASE(a_backup_has_what_is_readable_and_an_empty_front) {
  temporary_directory d;
  const auto store = try_open(d / "store").value();
  fill_front(*store->log, 5);
  (void)store->log->drain();
  fill_front(*store->log, 9);
  BOOST_TEST((store->log->backup(d / "store" / "inside").error().code == errc::bad_option));
  store->log->backup(d / "copy").value();
  BOOST_TEST(has_exactly(*try_open(d / "copy", reading()).value()->log, 5));
  const auto copy = try_open(d / "copy").value();
  BOOST_TEST(has_exactly(*copy->log, 5));
  BOOST_TEST(copy->log->identity().history != store->log->identity().history);
  fill_front(*copy->log, 6);
}

/// Batches of any size, laps, drains, full fronts and crashes: everything answered is there, in order, and nothing else.
BOOST_AUTO_TEST_CASE(any_run_of_commits_drains_and_crashes_keeps_what_was_answered) {
  BOOST_TEST(rc::check([] {
    temporary_directory d;
    auto store = try_open(d.path).value();
    for (auto steps = *rc::gen::inRange(1, 60); steps > 0; --steps) {
      switch (*rc::gen::inRange(0, 6)) {
        case 0: RC_ASSERT(store->log->drain().status == commit_status::committed); break;
        case 1:
          store.reset();
          store = try_open(d.path).value();
          RC_ASSERT(store->log->readable() == store->log->durable());
          break;
        default: {
          const auto head = store->log->durable();
          const auto count = *rc::gen::inRange<version>(1, 8);
          auto b = next_of(*store->log);
          for (version v = head + 1; v <= head + count; ++v)
            b.add("a-1", v, v, std::string(*rc::gen::inRange<std::size_t>(0, 60'000), static_cast<char>('a' + v % 26)));
          auto status = b.make_durable_in(*store->log).status;
          if (status == commit_status::busy) {
            RC_ASSERT(store->log->drain().status == commit_status::committed);
            status = b.make_durable_in(*store->log).status;
          }
          RC_ASSERT(status == commit_status::committed);
          RC_ASSERT(store->log->durable() == head + count);
        }
      }
    }
    const auto head = store->log->durable();
    store.reset();
    RC_ASSERT(has_exactly(*try_open(d.path, reading()).value()->log, head));
    RC_ASSERT(has_exactly(*try_open(d.path).value()->log, head));
  }));
}

BOOST_AUTO_TEST_CASE(case_51_a_writer_killed_with_a_full_front_leaves_all_it_had_answered) {
  temporary_directory d;
  std::uint64_t answered = 0;
  for (int round = 0; round < 8; ++round) {
    child_process writer{[&](auto&& report) {
      const auto store = try_open(d.path).value();
      for (;;) {
        const auto v = store->log->durable() + 1;
        if (next_event(*store->log, v * 37 % 9'000).make_durable_in(*store->log).status == commit_status::busy) {
          (void)store->log->drain();
          continue;
        }
        report(v);
      }
    }};
    for (int i = 0; i < 60 + round * 40; ++i) BOOST_TEST_REQUIRE(writer.next(answered));
    writer.kill();
    while (writer.next(answered)) {
    }
    const auto store = try_open(d.path).value();
    BOOST_TEST(store->log->durable() >= answered);
    BOOST_TEST(has_exactly(*store->log, store->log->durable()));
  }
}

BOOST_AUTO_TEST_SUITE_END()
