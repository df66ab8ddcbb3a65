// Stores and processes: second writers, killed writers, readers beside a writer, forks.
#include "support/printed.hpp"
#include "support/store/child_process.hpp"
#include "support/store/stores.hpp"

#include <lmdb.h>
#include <boost/test/unit_test.hpp>

#include <functional>

using namespace annals;
using namespace stores;

namespace {

/// Writes one event after another and reports each as soon as it is durable; after `events` it reports 0 and waits.
auto writer_of(const std::filesystem::path& at, version events) {
  return [at, events](auto&& report) {
    const auto store = try_open(at).value();
    for (auto v = store->log->durable() + 1; v <= events; ++v) {
      if (!append(*store->log, "a-1", v, v)) return;
      report(v);
    }
    report(0);
    ::pause();
  };
}

/// Takes every slot of the log's reader table, and keeps them.
auto reader_of_all_slots(const std::filesystem::path& at) {
  return [at](auto&& report) {
    MDB_env* env = nullptr;
    if (mdb_env_create(&env) || mdb_env_set_maxdbs(env, 8) || mdb_env_open(env, (at / "log").c_str(), MDB_RDONLY | MDB_NOTLS, 0644)) ::abort();
    std::uint64_t held = 0;
    for (MDB_txn* txn = nullptr; mdb_txn_begin(env, nullptr, MDB_RDONLY, &txn) == 0;) ++held;
    report(held);
    ::pause();
  };
}

}  // namespace

BOOST_AUTO_TEST_SUITE(processes)

BOOST_AUTO_TEST_CASE(case_28_when_all_reader_slots_are_taken_reading_is_an_error_and_the_slots_of_the_dead_are_reaped) {
  temporary_directory d;
  fill(d.path, 5);
  const auto store = try_open(d.path).value();
  child_process greedy{reader_of_all_slots(d.path)};
  std::uint64_t held = 0;
  BOOST_TEST_REQUIRE(greedy.next(held));
  BOOST_TEST(held > 100u);
  // This process keeps the slots that it has used: nested reads use them up.
  std::optional<error> refused;
  const std::function<void(int)> read_within = [&](int depth) {
    const auto read = store->log->read(1, {}, [&](const record_view&) {
      if (depth > 0) read_within(depth - 1);
      return false;
    });
    if (!read) refused = read.error();
  };
  read_within(50);
  BOOST_TEST_REQUIRE(refused.has_value());
  BOOST_TEST((refused->code == errc::store_failed));
  BOOST_TEST(refused->message().find("MDB_READERS_FULL") != std::string::npos);
  greedy.kill();
  refused.reset();
  read_within(50);
  BOOST_TEST(!refused.has_value());
}

BOOST_AUTO_TEST_CASE(case_50_a_second_writer_is_refused_with_the_pid_of_the_first) {
  temporary_directory d;
  child_process first{writer_of(d.path, 3)};
  for (std::uint64_t n = 1; n != 0;) BOOST_TEST_REQUIRE(first.next(n));
  const auto refused = try_open(d.path);
  BOOST_TEST_REQUIRE((code_of(refused) == errc::store_locked));
  BOOST_TEST(refused.error().detail.find(std::to_string(first.pid())) != std::string::npos);
  BOOST_TEST(try_open(d.path, reading()).value()->log->readable() == 3u);
  first.kill();
  BOOST_TEST(try_open(d.path).value()->log->durable() == 3u);
}

BOOST_AUTO_TEST_CASE(case_44_a_second_writer_is_refused_also_when_somebody_has_removed_the_lock_file) {
  temporary_directory d;
  child_process first{writer_of(d.path, 3)};
  for (std::uint64_t n = 1; n != 0;) BOOST_TEST_REQUIRE(first.next(n));
  BOOST_TEST(std::filesystem::remove(d.path / "lock"));
  for (int i = 0; i < 2; ++i) {  // the first attempt makes a new lock file
    const auto refused = try_open(d.path);
    BOOST_TEST_REQUIRE((code_of(refused) == errc::store_locked));
    BOOST_TEST(refused.error().detail.find("lock file") != std::string::npos, refused.error().detail);
  }
  BOOST_TEST(try_open(d.path, reading()).value()->log->readable() == 3u);
  first.kill();
  BOOST_TEST(try_open(d.path).value()->log->durable() == 3u);
}

BOOST_AUTO_TEST_CASE(case_51_a_killed_writer_leaves_all_it_had_answered_and_needs_no_repair) {
  temporary_directory d;
  std::uint64_t answered = 0;
  for (int round = 0; round < 5; ++round) {
    child_process writer{writer_of(d.path, 1'000'000)};
    for (int i = 0; i < 40; ++i) BOOST_TEST_REQUIRE(writer.next(answered));
    writer.kill();
    while (writer.next(answered)) {
    }  // events that it reported before it died were answered, too
    const auto store = try_open(d.path).value();
    BOOST_TEST(store->log->durable() >= answered);
    BOOST_TEST(read_all(*store->log).size() == store->log->durable());
  }
}

BOOST_AUTO_TEST_CASE(rule_8_a_reader_beside_a_writer_sees_what_was_answered_and_never_more_than_is_durable) {
  temporary_directory d;
  fill(d.path, 5);
  child_process writer{writer_of(d.path, 300)};
  std::uint64_t answered = 0;
  BOOST_TEST_REQUIRE(writer.next(answered));
  const auto reader = try_open(d.path, reading()).value();
  BOOST_TEST(reader->derived != nullptr);
  position next = 1;
  while (answered != 0) {
    const auto head = reader->log->readable();
    if (head < answered) BOOST_TEST(head >= answered);
    if (reader->log->durable() < head) BOOST_TEST(reader->log->durable() >= head);
    next = reader->log->read(next, {}, [&](const record_view&) { return true; }).value();
    if (next < answered) BOOST_TEST(next > answered);
    BOOST_TEST_REQUIRE(writer.next(answered));
  }
  BOOST_TEST(reader->log->readable() == 300u);
}

BOOST_AUTO_TEST_CASE(a_reader_beside_a_writer_knows_what_is_durable_and_not_readable_yet) {
  temporary_directory d;
  fill(d.path, 5);
  child_process writer{[&](auto&& report) {
    const auto store = try_open(d.path).value();
    for (version v = 6; v <= 8; ++v) next_of(*store->log).add("a-1", v, v).make_durable_in(*store->log);
    report(store->log->durable());
    ::pause();
  }};
  std::uint64_t answered = 0;
  BOOST_TEST_REQUIRE(writer.next(answered));
  BOOST_TEST(answered == 8u);
  const auto reader = try_open(d.path, reading()).value();
  BOOST_TEST(reader->log->readable() == 5u);
  BOOST_TEST(reader->log->durable() == 8u);
}

BOOST_AUTO_TEST_CASE(readers_come_and_go_beside_a_writer_and_none_is_refused) {
  temporary_directory d;
  child_process writer{writer_of(d.path, 1'000'000)};
  std::uint64_t answered = 0;
  BOOST_TEST_REQUIRE(writer.next(answered));
  for (int i = 0; i < 300; ++i) {
    const auto reader = try_open(d.path, reading());
    BOOST_TEST_REQUIRE(reader.has_value(), (reader ? "" : reader.error().message()));
    BOOST_TEST_REQUIRE((*reader)->log->readable() >= answered);
  }
}

BOOST_AUTO_TEST_CASE(case_52_a_store_used_after_a_fork_is_refused) {
  temporary_directory d;
  const auto store = try_open(d.path).value();
  BOOST_TEST(append(*store->log, "a-1", 1, 3));
  const auto refuses = [](auto&& call) { return [call](auto&& report) { report(call().error().code == errc::misuse ? 1 : 0); }; };
  const auto says_so = [&](auto&& call) {
    child_process child{refuses(call)};
    std::uint64_t refused = 0;
    return child.next(refused) && refused == 1;
  };
  BOOST_TEST(says_so([&] { return store->log->read(1, {}, [](const record_view&) { return true; }); }));
  BOOST_TEST(says_so([&] { return store->log->backup(d / "copy"); }));
  BOOST_TEST(says_so([&] { return store->derived->flush({}, {}, {}); }));
  child_process writer{[&](auto&& report) { report(append(*store->log, "a-1", 4, 4) ? 0 : 1); }};
  std::uint64_t refused = 0;
  BOOST_TEST((writer.next(refused) && refused == 1));
  BOOST_TEST(!std::filesystem::exists(d / "copy"));
  BOOST_TEST(append(*store->log, "a-1", 4, 5));
  BOOST_TEST(read_all(*store->log).size() == 5u);
}

BOOST_AUTO_TEST_CASE(case_52_a_child_may_open_the_store_for_itself_and_leaves_the_parents_alone) {
  temporary_directory d;
  auto store = try_open(d.path).value();
  BOOST_TEST(append(*store->log, "a-1", 1, 3));
  child_process child{[&](auto&& report) {
    {
      const auto mine = try_open(d.path, reading());
      report(mine ? (*mine)->log->readable() : 0);
    }
    report(static_cast<std::uint64_t>(code_of(try_open(d.path))));
    store.reset();  // closing the parent's store in the child must not change anything for the parent
    report(static_cast<std::uint64_t>(code_of(try_open(d.path))));
  }};
  std::uint64_t n = 0;
  BOOST_TEST_REQUIRE(child.next(n));
  BOOST_TEST(n == 3u);
  for (int i = 0; i < 2; ++i) {
    BOOST_TEST_REQUIRE(child.next(n));
    BOOST_TEST(n == static_cast<std::uint64_t>(errc::store_locked));
  }
  BOOST_TEST(child.wait() == 0);
  BOOST_TEST(append(*store->log, "a-1", 4, 5));
  child_process other{[&](auto&& report) { report(static_cast<std::uint64_t>(code_of(try_open(d.path)))); }};
  BOOST_TEST_REQUIRE(other.next(n));
  BOOST_TEST(n == static_cast<std::uint64_t>(errc::store_locked));
}

BOOST_AUTO_TEST_SUITE_END()
