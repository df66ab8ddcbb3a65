// The lock between who reads a model and who writes it.
#include "actors/follow/model_lock.hpp"
#include "support/memory_engine.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <mutex>
#include <shared_mutex>
#include <thread>
#include <vector>

using annals::actors::model_lock;

namespace {

/// Two numbers that are equal but while somebody writes.
struct pair {
  std::uint64_t left = 0, right = 0;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(model_locks)

BOOST_AUTO_TEST_CASE(readers_read_at_once_and_see_whole_writes_only) {
  constexpr std::uint64_t writes = 2'000;
  model_lock lock;
  pair model;
  std::atomic<bool> is_done{false}, is_torn{false};
  std::vector<std::thread> readers;
  for (int i = 0; i < 4; ++i)
    readers.emplace_back([&] {
      std::uint64_t last = 0;
      while (!is_done) {
        const std::shared_lock in{lock};
        if (model.left != model.right || model.left < last) is_torn = true;
        last = model.left;
      }
    });
  for (std::uint64_t i = 0; i < writes; ++i) {
    const std::unique_lock in{lock};
    ++model.left;
    std::this_thread::yield();
    ++model.right;
  }
  is_done = true;
  for (auto& r : readers) r.join();
  BOOST_TEST(!is_torn);
  BOOST_TEST(model.left == writes);
}

BOOST_AUTO_TEST_CASE(a_writer_is_not_kept_waiting_by_readers_that_follow_each_other) {
  model_lock lock;
  std::atomic<std::uint64_t> inside{0};
  std::atomic<bool> is_done{false};
  std::vector<std::thread> readers;
  // One enters before another leaves: a lock that prefers readers never becomes free.
  for (int i = 0; i < 3; ++i)
    readers.emplace_back([&] {
      while (!is_done) {
        const std::shared_lock in{lock};
        const auto mine = ++inside;
        for (int looks = 0; looks < 1'000 && inside == mine && !is_done; ++looks) std::this_thread::yield();
      }
    });
  wait_until([&] { return inside > 100; });
  for (int i = 0; i < 100; ++i) const std::unique_lock in{lock};
  is_done = true;
  for (auto& r : readers) r.join();
  BOOST_TEST(inside > 100u);
}

BOOST_AUTO_TEST_CASE(readers_wait_for_one_write_and_not_for_the_next) {
  constexpr std::size_t many = 8;  // more than processors: some are still asleep when the next writer comes
  for (int round = 0; round < 50; ++round) {
    model_lock lock;
    int writes = 1;
    std::array<int, many> seen{};
    std::vector<std::thread> readers;
    std::unique_lock writing{lock};
    for (auto& mine : seen)
      readers.emplace_back([&] {
        const std::shared_lock in{lock};
        mine = writes;
      });
    wait_until([&] { return lock.queued_readers() == many; });
    writing.unlock();
    writing.lock();
    BOOST_TEST(lock.queued_readers() == 0u);
    BOOST_TEST(std::count(seen.begin(), seen.end(), 1) == static_cast<std::ptrdiff_t>(many));
    ++writes;
    writing.unlock();
    for (auto& r : readers) r.join();
  }
}

BOOST_AUTO_TEST_CASE(who_reads_already_may_read_again_while_a_writer_waits) {
  model_lock one, other;
  std::shared_lock reading{one};
  std::shared_lock reading_other{other};
  int written = 0;
  std::thread writer{[&] {
    const std::unique_lock in{one};
    const std::unique_lock in_other{other};
    ++written;
  }};
  // Readers come one after the other, until one is kept out: from then on the writer waits.
  std::vector<std::thread> strangers;
  std::atomic<std::size_t> passed{0};
  wait_until([&] {
    if (passed == strangers.size())
      strangers.emplace_back([&] {
        {
          const std::shared_lock in{one};
        }
        ++passed;
      });
    return one.queued_readers() == 1;
  });
  {
    const std::shared_lock again{one}, again_other{other};
    BOOST_TEST(written == 0);
  }
  reading.unlock();
  reading_other.unlock();
  writer.join();
  for (auto& stranger : strangers) stranger.join();
  BOOST_TEST(written == 1);
}

BOOST_AUTO_TEST_CASE(writers_follow_each_other) {
  model_lock lock;
  std::uint64_t count = 0;
  std::vector<std::thread> writers;
  for (int i = 0; i < 3; ++i)
    writers.emplace_back([&] {
      for (int n = 0; n < 2'000; ++n) {
        const std::unique_lock in{lock};
        ++count;
      }
    });
  for (auto& w : writers) w.join();
  BOOST_TEST(count == 6'000u);
}

BOOST_AUTO_TEST_SUITE_END()
