// The front of the log: what is durable in it and nowhere else is there after whatever ends the process.
#include "child_process.hpp"
#include "disk_faults.hpp"
#include "fronts.hpp"

#include <boost/test/unit_test.hpp>
#include <rapidcheck.h>

#include <atomic>
#include <cerrno>
#include <thread>

using namespace annals;
using namespace annals::store;
using namespace fronts;
using namespace stores;
namespace fs = std::filesystem;

BOOST_TEST_DONT_PRINT_LOG_VALUE(annals::errc)
BOOST_TEST_DONT_PRINT_LOG_VALUE(annals::store::commit_status)

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

BOOST_AUTO_TEST_CASE(case_91_what_is_durable_is_read_before_it_is_readable) {
  temporary_directory d;
  const auto store = try_open(d.path).value();
  const auto& log = *store->log;
  fill_front(*store->log, 4);
  (void)store->log->drain();
  fill_front(*store->log, 9);
  BOOST_TEST(log.readable() == 4u);
  std::vector<position> seen;
  const auto see = [&](const record_view& r) { return seen.push_back(r.at), r.version == r.at; };
  for (position from = 1; from <= 10; ++from)
    for (std::size_t most = 1; most <= 10; ++most) {
      seen.clear();
      const auto next = log.read_durable(from, {.records_max = most}, see).value();
      BOOST_TEST_REQUIRE(next == std::min<position>(10, from + most));
      BOOST_TEST_REQUIRE(seen.size() == next - from);
      for (std::size_t i = 0; i < seen.size(); ++i) BOOST_TEST_REQUIRE(seen[i] == from + i);
    }
  const std::vector<position> all[] = {{1, 4}, {2, 5, 7, 9}, {6}, {9}, {}};
  for (const auto& some : all) {
    seen.clear();
    BOOST_TEST(log.read_durable_at(some, see).has_value());
    BOOST_TEST(seen == some, boost::test_tools::per_element());
  }
  const position past[] = {8, 10};
  BOOST_TEST((log.read_durable_at(past, see).error().place == 10u));
}

BOOST_AUTO_TEST_CASE(case_91_what_is_durable_is_read_while_the_drainer_takes_it_and_memory_is_used_again) {
  temporary_directory d;
  const auto store = try_open(d.path).value();
  constexpr version last = 3'000;
  std::atomic<bool> written{false};
  std::thread journal{[&] {
    while (store->log->durable() < last)
      if (next_event(*store->log).make_durable_in(*store->log).status == commit_status::failed) break;
    written = true;
  }};
  std::thread drainer{[&] {
    while (!written || store->log->readable() < store->log->durable()) (void)store->log->drain();
  }};
  std::size_t wrong = 0;
  for (bool done = false; !done;) {
    done = written;
    const auto head = store->log->durable();
    auto expected = head > 100 ? head - 100 : 1;
    const auto next = store->log->read_durable(expected, {}, [&](const record_view& r) {
      wrong += r.at != expected++ || r.payload.find_first_not_of(static_cast<char>('a' + r.at % 26)) != std::string::npos;
      return true;
    });
    if (!next || *next <= head) ++wrong;
    const position newest[] = {head};
    if (head > 0 && !store->log->read_durable_at(newest, [&](const record_view& r) { return r.at == head; })) ++wrong;
  }
  journal.join();
  drainer.join();
  BOOST_TEST(wrong == 0u);
  BOOST_TEST(has_exactly(*store->log, last));
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
  BOOST_TEST(head == options().front_bytes / block);
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

BOOST_AUTO_TEST_CASE(case_11_an_open_that_cannot_drain_the_front_says_so_and_keeps_it) {
  const filled f{30};
  {
    const disk_faults::armed full{{disk_faults::step::page, 100, ENOSPC, false, 1}};  // the lock's is the first write
    const auto refused = try_open(f.at);
    BOOST_TEST((code_of(refused) == errc::storage_full), (refused ? "opened" : refused.error().message()));
    BOOST_TEST(full.failed() > 0u);
  }
  BOOST_TEST(has_exactly(*try_open(f.at, reading()).value()->log, 30));
  BOOST_TEST(has_exactly(*try_open(f.at).value()->log, 30));
}

BOOST_AUTO_TEST_CASE(a_backup_has_what_is_readable_and_an_empty_front) {
  temporary_directory d;
  const auto store = try_open(d / "store").value();
  fill_front(*store->log, 5);
  (void)store->log->drain();
  fill_front(*store->log, 9);
  store->log->backup(d / "copy").value();
  BOOST_TEST(has_exactly(*try_open(d / "copy", reading()).value()->log, 5));
  const auto copy = try_open(d / "copy").value();
  BOOST_TEST(has_exactly(*copy->log, 5));
  BOOST_TEST(copy->log->who().history != store->log->who().history);
  fill_front(*copy->log, 6);
}

/// Batches of any size, laps, drains, full fronts and crashes: what was answered is there, in order, and nothing else.
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
