// The front (the write-ahead log) begins small and grows with the use of the store.
#include "store/log/fronts.hpp"
#include "support/printed.hpp"
#include "support/store/child_process.hpp"

#include <boost/test/unit_test.hpp>

#include <sys/stat.h>

using namespace annals;
using namespace fronts;
using namespace stores;
namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t kib = 1024, mib = 1024 * kib;

store::open_options growing(std::uint64_t from, std::uint64_t to) {
  auto with = options();
  with.front_bytes_min = from;
  with.front_bytes_max = to;
  return with;
}

std::uint64_t ring_of(const fs::path& at) { return fs::file_size(front_of(at)) - block; }

/// The space it takes on the disk.
std::uint64_t disk_bytes(const fs::path& at) {
  std::uint64_t sum = 0;
  for (const auto& entry : fs::recursive_directory_iterator{at}) {
    struct stat info{};
    if (::lstat(entry.path().c_str(), &info) == 0) sum += static_cast<std::uint64_t>(info.st_blocks) * 512;
  }
  return sum;
}

/// Commits one more event, as the journal and the drainer do.
store::commit_status commit_one(store::log& log, std::size_t payload_bytes) {
  const auto one = next_event(log, payload_bytes);
  auto done = one.make_durable_in(log).status;
  if (done != store::commit_status::busy) return done;
  (void)log.drain();
  return one.make_durable_in(log).status;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(front_growth)

BOOST_AUTO_TEST_CASE(case_93_a_new_store_takes_little_until_it_is_busy) {
  temporary_directory d;
  store::open_options with;  // the defaults of a host
  const auto store = try_open(d / "store", with).value();
  fill_front(*store->log, 10);
  BOOST_TEST((store->log->drain().status == store::commit_status::committed));
  bring_up(store);
  BOOST_TEST(disk_bytes(d / "store") <= mib);
  store->log->backup(d / "backup").value();
  BOOST_TEST(disk_bytes(d / "backup") <= mib);
}

BOOST_AUTO_TEST_CASE(case_93_a_busy_front_grows_to_its_bound_and_keeps_all) {
  temporary_directory d;
  auto with = growing(64 * kib, mib);
  {
    const auto store = try_open(d / "store", with).value();
    BOOST_TEST(ring_of(d / "store") == 64 * kib);
    for (int i = 0; i < 900; ++i) BOOST_TEST_REQUIRE((commit_one(*store->log, 100) == store::commit_status::committed));
    BOOST_TEST(ring_of(d / "store") == mib);
    (void)store->log->drain();
    BOOST_TEST(has_exactly(*store->log, 900));
    fill_front(*store->log, 950);
  }
  BOOST_TEST(has_exactly(*try_open(d / "store", reading()).value()->log, 950));
  const auto store = try_open(d / "store", growing(64 * kib, 64 * kib)).value();  // the front does not shrink
  BOOST_TEST(ring_of(d / "store") == mib);
  BOOST_TEST(has_exactly(*store->log, 950));
}

BOOST_AUTO_TEST_CASE(case_93_one_that_is_smaller_than_it_is_to_be_grows_when_it_is_opened) {
  temporary_directory d;
  {
    const auto store = try_open(d / "store", growing(64 * kib, 64 * kib)).value();
    fill_front(*store->log, 7);
  }
  const auto store = try_open(d / "store", growing(mib, mib)).value();
  BOOST_TEST(ring_of(d / "store") == mib);
  BOOST_TEST(has_exactly(*store->log, 7));
  fill_front(*store->log, 20);
  BOOST_TEST(store->log->readable() == 7u);
}

BOOST_AUTO_TEST_CASE(case_93_a_batch_that_is_more_than_half_of_the_front_makes_it_larger) {
  temporary_directory d;
  const auto store = try_open(d / "store", growing(64 * kib, 8 * mib)).value();
  BOOST_TEST((commit_one(*store->log, 100) == store::commit_status::committed));
  BOOST_TEST((commit_one(*store->log, 500'000) == store::commit_status::committed));
  BOOST_TEST((commit_one(*store->log, 3'000'000) == store::commit_status::committed));
  (void)store->log->drain();
  BOOST_TEST(has_exactly(*store->log, 3));
}

/// A crash at each growth, and between them.
BOOST_AUTO_TEST_CASE(case_93_a_crash_while_the_front_grows_loses_nothing) {
  for (const version events : {15, 16, 17, 18, 40, 79, 80, 81, 82, 83, 300}) {
    temporary_directory d;
    child_process writer{[&](auto&& report) {
      const auto store = try_open(d / "store", growing(64 * kib, mib)).value();
      while (store->log->durable() < events)
        if (commit_one(*store->log, 100) != store::commit_status::committed) return;
      report(store->log->durable());
      ::pause();
    }};
    std::uint64_t durable = 0;
    BOOST_TEST_REQUIRE(writer.next(durable));
    BOOST_TEST(try_open(d / "store", reading()).value()->log->durable() == events);
    writer.kill();
    BOOST_TEST(has_exactly(*try_open(d / "store", reading()).value()->log, events), events);
    BOOST_TEST(has_exactly(*try_open(d / "store").value()->log, events), events);
  }
}

BOOST_AUTO_TEST_SUITE_END()
