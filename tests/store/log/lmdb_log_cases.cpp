// What only the log on disk meets: a full map, a disk that fails in each step of a commit, damage, backups.
#include "store/lmdb/file_check.hpp"
#include "store/os/descriptor.hpp"
#include "store/os/files.hpp"
#include "support/outcomes.hpp"
#include "support/store/log_worlds.hpp"
#include "support/store/printed.hpp"

#include <boost/test/unit_test.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

using namespace annals;
using namespace annals::store;
namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t map_bytes = std::uint64_t{1} << 30;

constexpr std::uint64_t one_mib = std::uint64_t{1} << 20;

/// Bytes allocated after the end of the log's file, rounded down to steps that hide the file system's own needs.
std::uint64_t set_aside(const fs::path& log) {
  struct stat info{};
  BOOST_TEST_REQUIRE(::stat((log / "data.mdb").c_str(), &info) == 0);
  const auto has = static_cast<std::uint64_t>(info.st_blocks) * 512, end = static_cast<std::uint64_t>(info.st_size);
  constexpr std::uint64_t step = one_mib / 16;
  return has > end ? (has - end) / step * step : 0;
}

/// Whether this file system can allocate in advance; some cannot.
bool can_set_aside(const fs::path& here) {
  const descriptor file{::open((here / "probe").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)};
  const bool can = ::fallocate(file.get(), FALLOC_FL_KEEP_SIZE, 0, one_mib) == 0;
  fs::remove(here / "probe");
  return can;
}

std::size_t entries_in(const fs::path& directory) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator{directory}, fs::directory_iterator{}));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(lmdb_log_cases)

BOOST_AUTO_TEST_CASE(case_12_a_full_map_is_a_clean_abort_and_the_next_open_with_a_larger_one_goes_on) {
  temporary_directory d;
  lmdb_log::create(d.path).value();
  auto log = lmdb_log::open(d.path, {std::uint64_t{256} << 10}).value();
  version next = 1;
  while (append(*log, "a-1", next, next + 19)) next += 20;
  const auto head = log->durable();
  BOOST_TEST_REQUIRE(head > 0u);
  const auto b = next_of(*log).add("a-1", next, next + 19);
  BOOST_TEST((b.commit_to(*log).status == commit_status::no_space));
  BOOST_TEST(log->durable() == head);
  BOOST_TEST(read_all(*log).size() == head);
  log.reset();
  log = lmdb_log::open(d.path, {map_bytes}).value();
  BOOST_TEST(log->durable() == head);
  BOOST_TEST((b.commit_to(*log).status == commit_status::committed));
  BOOST_TEST(log->durable() == head + 20);
}

BOOST_AUTO_TEST_CASE(case_10_an_error_in_any_step_of_a_commit_stops_the_log) {
  using disk_faults::step;
  for (const auto& f :
       {disk_faults::fault{step::page, 1, EIO}, disk_faults::fault{step::page, 1, 0}, disk_faults::fault{step::sync, 1, EIO},
        disk_faults::fault{step::synced, 1, EIO}, disk_faults::fault{step::synced, 1, ENOSPC}, disk_faults::fault{step::synced, 1, 0}}) {
    worlds::on_disk w;
    BOOST_TEST(append(w.log(), "a-1", 1, 3));
    {
      const disk_faults::armed fault{f};
      BOOST_TEST((next_of(w.log()).add("a-1", 4, 6).commit_to(w.log()).status == commit_status::failed));
      BOOST_TEST(fault.failed() == 1u);
    }
    BOOST_TEST((next_of(w.log()).add("a-1", 4, 6).commit_to(w.log()).status == commit_status::failed));
    w.reopen();
    BOOST_TEST(w.log().durable() == 3u);
    BOOST_TEST(append(w.log(), "a-1", 4, 6));
  }
}

BOOST_AUTO_TEST_CASE(case_11_no_space_in_the_middle_of_a_large_batch_leaves_nothing_of_it) {
  worlds::on_disk w;
  BOOST_TEST(append(w.log(), "a-1", 1, 3));
  const auto large = next_of(w.log()).add("a-1", 4, 2'000, std::string(3'000, 'x'));
  {
    const disk_faults::armed fault{{disk_faults::step::page, 1, ENOSPC, false, 3}};
    BOOST_TEST((large.commit_to(w.log()).status == commit_status::no_space));
    BOOST_TEST(fault.failed() == 1u);
  }
  BOOST_TEST((large.commit_to(w.log()).status == commit_status::committed));
  w.reopen();
  BOOST_TEST(read_all(w.log()).size() == 2'000u);
}

BOOST_AUTO_TEST_CASE(space_is_set_aside_ahead_and_given_back_on_closing) {
  worlds::on_disk w;
  BOOST_TEST(append(w.log(), "a-1", 1, 3));
  if (!can_set_aside(w.directory())) return;
  BOOST_TEST(set_aside(w.directory()) >= one_mib / 16);
  w.close();
  BOOST_TEST(set_aside(w.directory()) == 0u);
  w.reopen();
  BOOST_TEST(read_all(w.log()).size() == 3u);
}

BOOST_AUTO_TEST_CASE(a_log_that_was_not_closed_gives_its_space_back_after_the_next_time) {
  worlds::on_disk w;
  if (!can_set_aside(w.directory())) return;
  const auto file = w.directory() / "data.mdb";
  const descriptor left{::open(file.c_str(), O_WRONLY | O_CLOEXEC)};
  BOOST_TEST(::fallocate(left.get(), FALLOC_FL_KEEP_SIZE, static_cast<off_t>(fs::file_size(file)), 3 * one_mib) == 0);
  BOOST_TEST(append(w.log(), "a-1", 1, 3));
  w.close();
  BOOST_TEST(set_aside(w.directory()) == 0u);
}

BOOST_AUTO_TEST_CASE(nothing_is_set_aside_on_a_nearly_full_disk_nor_past_the_map) {
  {
    worlds::on_disk w;
    const disk_faults::nearly_full disk{8 * one_mib};
    BOOST_TEST(append(w.log(), "a-1", 1, 3));
    BOOST_TEST(set_aside(w.directory()) == 0u);
  }
  temporary_directory d;
  lmdb_log::create(d.path).value();
  constexpr std::uint64_t map = std::uint64_t{256} << 10;
  const auto log = lmdb_log::open(d.path, {map}).value();
  BOOST_TEST(append(*log, "a-1", 1, 3));
  BOOST_TEST(set_aside(d.path) + fs::file_size(d.path / "data.mdb") <= map);
}

/// Twice what the journal commits at once.
BOOST_AUTO_TEST_CASE(a_batch_of_64_MB_is_one_commit) {
  worlds::on_disk w;
  BOOST_TEST((next_of(w.log()).add("a-1", 1, 16'000, std::string(4'096, 'x')).commit_to(w.log()).status == commit_status::committed));
  w.reopen();
  BOOST_TEST(w.log().durable() == 16'000u);
}

BOOST_AUTO_TEST_CASE(case_48_a_damaged_last_record_refuses_writers_and_lets_readers_salvage) {
  worlds::on_disk w;
  BOOST_TEST(append(w.log(), "a-1", 1, 5));
  const auto directory = w.directory();
  temporary_directory copy;
  w.reopen();
  fs::copy(directory / "data.mdb", copy / "data.mdb");
  worlds::change_event(copy.path, 5, false);
  const auto refused = lmdb_log::open(copy.path, {map_bytes});
  BOOST_TEST((code_of(refused) == errc::corrupt_record));
  BOOST_TEST(refused.error().place == 5u);
  const auto salvage = lmdb_log::open(copy.path, {map_bytes, true}).value();
  BOOST_TEST(salvage->readable() == 5u);
  std::size_t seen = 0;
  BOOST_TEST(!salvage->read(1, {}, [&](const record_view&) { return ++seen > 0; }).has_value());
  BOOST_TEST(seen == 4u);
}

/// The file grows while its meta pages are being read.
BOOST_AUTO_TEST_CASE(a_log_that_grows_while_a_reader_looks_at_it_is_not_taken_for_truncated) {
  worlds::on_disk w;
  BOOST_TEST(append(w.log(), "a-1", 1, 5));
  for (version v = 6; v < 4'000; v += 500) {
    bool grew = false;
    const disk_faults::meanwhile growing{[&] { grew = append(w.log(), "a-1", v, v + 499); }};
    const auto looked = store::check_lmdb_file(w.directory());
    BOOST_TEST(grew);
    BOOST_TEST(looked.has_value(), (looked ? "" : looked.error().message()));
  }
}

BOOST_AUTO_TEST_CASE(a_lost_position_is_named_wherever_it_is) {
  for (const position lost : {1, 4}) {
    worlds::on_disk w;
    BOOST_TEST(append(w.log(), "a-1", 1, 9));
    w.lose(lost);
    const auto read = w.log().read(1, {}, [](const record_view&) { return true; });
    BOOST_TEST_REQUIRE(!read.has_value());
    BOOST_TEST((read.error().code == errc::corrupt_record));
    BOOST_TEST(read.error().place == lost);
  }
}

BOOST_AUTO_TEST_CASE(a_backup_has_what_is_readable_and_its_first_writable_open_starts_a_new_history) {
  worlds::on_disk w;
  temporary_directory d;
  BOOST_TEST(append(w.log(), "a-1", 1, 7));
  const auto source = w.log().identity();
  w.log().backup(d / "copy").value();
  BOOST_TEST(append(w.log(), "a-1", 8, 9));  // the source continues in its own history
  BOOST_TEST(w.log().identity().history == source.history);
  {
    const auto reader = lmdb_log::open(d / "copy" / "log", {map_bytes, true}).value();
    BOOST_TEST(reader->identity().history == source.history);  // reading alone does not start a new history
    BOOST_TEST(read_all(*reader).size() == 7u);
  }
  std::uint64_t history = 0;
  {
    const auto copy = lmdb_log::open(d / "copy" / "log", {map_bytes}).value();
    history = copy->identity().history;
    BOOST_TEST(history != source.history);
    BOOST_TEST(copy->identity().store_id == source.store_id);
    BOOST_TEST_REQUIRE(copy->identity().former.size() == 1u);
    BOOST_TEST(copy->identity().former[0].id == source.history);
    BOOST_TEST(copy->identity().former[0].fork == 7u);
    BOOST_TEST(append(*copy, "b-1", 1, 1));
  }
  const auto again = lmdb_log::open(d / "copy" / "log", {map_bytes}).value();
  BOOST_TEST(again->identity().history == history);
  BOOST_TEST(again->identity().former.size() == 1u);
  BOOST_TEST(again->durable() == 8u);
}

BOOST_AUTO_TEST_CASE(a_backup_of_a_restored_backup_remembers_both_histories) {
  worlds::on_disk w;
  temporary_directory d;
  BOOST_TEST(append(w.log(), "a-1", 1, 3));
  w.log().backup(d / "one").value();
  const auto one = lmdb_log::open(d / "one" / "log", {map_bytes}).value();
  BOOST_TEST(append(*one, "a-1", 4, 5));
  one->backup(d / "two").value();
  const auto two = lmdb_log::open(d / "two" / "log", {map_bytes}).value();
  BOOST_TEST_REQUIRE(two->identity().former.size() == 2u);
  BOOST_TEST(two->identity().former[0].id == w.log().identity().history);
  BOOST_TEST(two->identity().former[0].fork == 3u);
  BOOST_TEST(two->identity().former[1].id == one->identity().history);
  BOOST_TEST(two->identity().former[1].fork == 5u);
}

BOOST_AUTO_TEST_CASE(case_53_a_backup_that_runs_out_of_disk_leaves_nothing_and_harms_nothing) {
  worlds::on_disk w;
  BOOST_TEST(append(w.log(), "a-1", 1, 2'000));
  for (const auto step : {disk_faults::step::copy, disk_faults::step::page, disk_faults::step::synced}) {
    temporary_directory d;
    {
      const disk_faults::armed fault{{step, 100, ENOSPC, false, step == disk_faults::step::copy ? 1u : 0u}};
      const auto half = w.log().backup(d / "copy");
      BOOST_TEST_REQUIRE(!half.has_value());
      BOOST_TEST((half.error().code == errc::storage_full));
      BOOST_TEST(fault.failed() > 0u);
    }
    BOOST_TEST(entries_in(d.path) == 0u);
    w.log().backup(d / "copy").value();
  }
  BOOST_TEST(append(w.log(), "a-1", 2'001, 2'002));
  BOOST_TEST(read_all(w.log()).size() == 2'002u);
}

BOOST_AUTO_TEST_CASE(a_backup_replaces_nothing_that_is_there) {
  worlds::on_disk w;
  temporary_directory d;
  BOOST_TEST(append(w.log(), "a-1", 1, 2));
  fs::create_directory(d / "empty");
  BOOST_TEST(!w.log().backup(d / "empty").has_value());
  std::ofstream{d / "file"} << "mine";
  BOOST_TEST(!w.log().backup(d / "file").has_value());
  BOOST_TEST(fs::file_size(d / "file") == 4u);
  BOOST_TEST(!w.log().backup(d / "no" / "such" / "parent").has_value());
  BOOST_TEST(entries_in(d.path) == 2u);
}

BOOST_AUTO_TEST_SUITE_END()
