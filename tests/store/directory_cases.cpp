// Which directories are opened, which are refused, and that a refusal changes nothing.
#include "support/printed.hpp"
#include "support/store/child_process.hpp"
#include "support/store/disk_faults.hpp"
#include "support/store/stores.hpp"

#include <boost/test/unit_test.hpp>

#include <sys/stat.h>

#include <array>
#include <fstream>

using namespace annals;
using namespace stores;
namespace fs = std::filesystem;

namespace {

void write_file(const fs::path& path, std::string_view contents) {
  std::ofstream{path, std::ios::binary | std::ios::trunc}.write(contents.data(), static_cast<std::streamsize>(contents.size()));
}

/// lock.mdb belongs to LMDB and appears when a reader opens the store; comparisons ignore it.
auto without_reader_table(std::map<std::string, std::string> all) {
  std::erase_if(all, [](const auto& file) { return file.first.ends_with("lock.mdb"); });
  return all;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(directories)

BOOST_AUTO_TEST_CASE(a_missing_or_empty_directory_becomes_a_store) {
  temporary_directory d;
  for (const auto& at : {d / "new", d / "deep" / "er" / "still", d / "empty"}) {
    if (at.filename() == "empty") fs::create_directory(at);
    BOOST_TEST(try_open(at).value()->log->durable() == 0u);
    fill(at, 3);
    BOOST_TEST(try_open(at).value()->log->durable() == 3u);
    BOOST_TEST(!fs::exists(at / "log.new"));
  }
}

BOOST_AUTO_TEST_CASE(case_46_what_is_not_there_is_missing_unless_it_may_be_created) {
  temporary_directory d;
  auto with = options();
  with.create = false;
  BOOST_TEST((code_of(try_open(d / "none", with)) == errc::store_missing));
  BOOST_TEST((code_of(try_open(d / "none", reading())) == errc::store_missing));
  BOOST_TEST(!fs::exists(d / "none"));
  BOOST_TEST((code_of(try_open(d.path, with)) == errc::store_missing));
  BOOST_TEST((code_of(try_open(d.path, reading())) == errc::store_missing));
  BOOST_TEST(everything_in(d.path).empty());
  write_file(d / "file", "mine");
  BOOST_TEST((code_of(try_open(d / "file")) == errc::store_missing));
  BOOST_TEST((code_of(try_open(d / "file" / "below")) == errc::store_missing));
}

BOOST_AUTO_TEST_CASE(case_46_a_directory_that_is_not_writable_is_refused_and_says_so) {
  temporary_directory d;
  fs::permissions(d.path, fs::perms::all);
  fs::create_directory(d / "store");
  fs::permissions(d / "store", fs::perms::others_read | fs::perms::others_exec | fs::perms::owner_read | fs::perms::owner_exec);
  child_process child{[&](auto&& report) {
    if (::geteuid() == 0 && ::setuid(65534) != 0) return;  // root may write anywhere
    const auto refused = try_open(d / "store");
    report(static_cast<std::uint64_t>(code_of(refused)));
    report(!refused && refused.error().detail.find("writable") != std::string::npos);
  }};
  std::uint64_t code = 0, says_so = 0;
  BOOST_TEST_REQUIRE(child.next(code));
  BOOST_TEST(code == static_cast<std::uint64_t>(errc::store_missing));
  BOOST_TEST_REQUIRE(child.next(says_so));
  BOOST_TEST(says_so == 1u);
}

BOOST_AUTO_TEST_CASE(case_46_network_file_systems_are_known_by_name) {
  using store::files::network_file_system;
  BOOST_TEST(network_file_system(0x6969) == "NFS");
  BOOST_TEST(network_file_system(0xFE534D42) == "SMB2");
  BOOST_TEST(network_file_system(static_cast<long>(static_cast<std::int32_t>(0xFF534D42))) == "CIFS");  // f_type is signed
  BOOST_TEST(network_file_system(0x65735546) == "FUSE");
  BOOST_TEST(network_file_system(0xEF53) == "");      // ext4
  BOOST_TEST(network_file_system(0x01021994) == "");  // tmpfs
}

BOOST_AUTO_TEST_CASE(case_47_an_empty_truncated_or_foreign_log_is_refused_and_not_recreated) {
  const auto spoil = [](const fs::path& log, int how) {
    const auto data = log / "data.mdb";
    const auto size = fs::file_size(data);
    switch (how) {
      case 0: write_file(data, ""); break;
      case 1: fs::resize_file(data, size / 2 / 4096 * 4096); break;
      case 2: fs::resize_file(data, size - 1); break;
      case 3: fs::resize_file(data, 4096); break;
      case 4: fs::resize_file(data, 100); break;
      case 5: write_file(data, std::string(size, 'x')); break;
      case 6: fs::remove(data); break;
      case 7: write_file(data, std::string(size, '\0')); break;
      case 8: put_raw(log, "meta", "store", nullptr); break;
      default: {  // another program's LMDB environment
        fs::remove(data);
        const std::string value = "value";
        put_raw(log, "theirs", "key", &value);
      }
    }
  };
  for (int how = 0; how < 10; ++how) {
    temporary_directory d;
    fill(d.path, 500);
    spoil(d / "log", how);
    const auto before = without_reader_table(everything_in(d.path));
    for (int again = 0; again < 2; ++again) {
      for (const auto& with : {options(), reading()}) {
        const auto refused = try_open(d.path, with);
        BOOST_TEST((code_of(refused) == errc::store_foreign), "how " << how);
        BOOST_TEST(refused.error().message().find((d / "log").string()) != std::string::npos);
      }
    }
    BOOST_TEST((without_reader_table(everything_in(d.path)) == before), "how " << how);
  }
}

BOOST_AUTO_TEST_CASE(case_47_a_store_that_lost_its_log_is_not_begun_anew) {
  temporary_directory d;
  fill(d.path, 5);
  fs::remove_all(d / "log");
  BOOST_TEST((code_of(try_open(d.path)) == errc::store_foreign));
  BOOST_TEST(!fs::exists(d / "log"));
  fs::create_directory(d / "log");
  BOOST_TEST((code_of(try_open(d.path)) == errc::store_foreign));
  BOOST_TEST(fs::is_empty(d / "log"));
}

BOOST_AUTO_TEST_CASE(case_47_a_directory_of_someone_elses_is_refused_and_left_as_it_was) {
  temporary_directory d;
  write_file(d / "thesis.new-draft", "years of work");
  fs::create_directory(d / "log.new-ideas");
  write_file(d / "log.new-ideas" / "one", "an idea");
  const auto before = everything_in(d.path);
  for (const auto& with : {options(), reading()}) BOOST_TEST((code_of(try_open(d.path, with)) == errc::store_foreign));
  BOOST_TEST((everything_in(d.path) == before));
}

BOOST_AUTO_TEST_CASE(what_a_crash_in_creation_left_is_not_a_store_and_goes_with_the_next_open) {
  temporary_directory d;
  fs::create_directory(d / "log.new-4711");
  write_file(d / "log.new-4711" / "data.mdb", "half");
  write_file(d / "lock", "4711");
  BOOST_TEST((code_of(try_open(d.path, reading())) == errc::store_missing));
  BOOST_TEST(try_open(d.path).value()->log->durable() == 0u);
  BOOST_TEST(!fs::exists(d / "log.new-4711"));
}

BOOST_AUTO_TEST_CASE(what_a_crash_left_beside_a_store_goes_with_the_next_open) {
  temporary_directory d;
  fill(d.path, 3);
  fs::create_directory(d / "log.new-4711");
  BOOST_TEST(try_open(d.path, reading()).value()->log->readable() == 3u);
  BOOST_TEST(fs::exists(d / "log.new-4711"));  // readers change nothing
  BOOST_TEST(try_open(d.path).value()->log->durable() == 3u);
  BOOST_TEST(!fs::exists(d / "log.new-4711"));
}

BOOST_AUTO_TEST_CASE(case_49_a_newer_format_is_refused_whatever_else_it_has) {
  temporary_directory d;
  fill(d.path, 3);
  const std::uint32_t newer = 2;
  const std::string bytes{reinterpret_cast<const char*>(&newer), sizeof newer};
  put_raw(d / "log", "meta", "format", &bytes);
  BOOST_TEST((code_of(try_open(d.path)) == errc::store_newer));
  put_raw(d / "log", "meta", "store", nullptr);  // format 2 might store it elsewhere
  BOOST_TEST((code_of(try_open(d.path)) == errc::store_newer));
  BOOST_TEST((code_of(try_open(d.path, reading())) == errc::store_newer));
}

BOOST_AUTO_TEST_CASE(a_process_opens_a_directory_once_whatever_it_is_called) {
  temporary_directory d;
  fs::create_directory_symlink(d / "store", d / "alias");
  auto first = try_open(d / "store").value();
  for (const auto& name : {d / "store", d / "alias", d / "x" / ".." / "store"})
    for (const auto& with : {options(), reading()}) BOOST_TEST((code_of(try_open(name, with)) == errc::misuse));
  BOOST_TEST(append(*first->log, "a-1", 1, 3));
  first.reset();
  auto reader = try_open(d / "alias", reading()).value();
  BOOST_TEST(reader->log->readable() == 3u);
  BOOST_TEST((code_of(try_open(d / "store")) == errc::misuse));
  reader.reset();
  BOOST_TEST(try_open(d / "store").value()->log->durable() == 3u);
}

BOOST_AUTO_TEST_CASE(a_reader_changes_nothing_and_cannot_write) {
  temporary_directory d;
  fill(d.path, 3);
  const auto before = without_reader_table(everything_in(d.path));
  {
    const auto reader = try_open(d.path, reading()).value();
    BOOST_TEST(reader->log->readable() == 3u);
    BOOST_TEST(reader->log->durable() == 3u);
    BOOST_TEST(!append(*reader->log, "a-1", 4, 4));
  }
  BOOST_TEST((without_reader_table(everything_in(d.path)) == before));
}

/// LMDB maps the lock files: if a page of them had no block, a full disk would end the process.
BOOST_AUTO_TEST_CASE(case_101_no_lock_file_has_a_hole) {
  temporary_directory d;
  fill(d.path, 3);
  const auto has_hole = [&](const fs::path& file) {
    struct stat info{};
    BOOST_TEST_REQUIRE(::stat(file.c_str(), &info) == 0);
    BOOST_TEST_REQUIRE(info.st_size > 4096);
    return info.st_blocks * 512 < info.st_size;
  };
  const std::array files{d / "log" / "lock.mdb", d / "derived" / "lock.mdb"};
  for (const auto& file : files) {
    BOOST_TEST(!has_hole(file), file);
    const auto bytes = fs::file_size(file);
    fs::resize_file(file, 0);
    fs::resize_file(file, bytes);  // as a copy may leave it
    BOOST_TEST(has_hole(file), file);
  }
  BOOST_TEST(try_open(d.path, reading()).has_value());
  for (const auto& file : files) BOOST_TEST(!has_hole(file), file);
}

BOOST_AUTO_TEST_CASE(case_101_without_space_for_its_lock_file_a_store_is_not_opened) {
  temporary_directory d;
  fill(d.path, 3);
  const disk_faults::armed full{{disk_faults::step::space, 1'000, ENOSPC}};
  for (const auto& with : {options(), reading()}) {
    const auto refused = try_open(d.path, with);
    BOOST_TEST((code_of(refused) == errc::storage_full));
    BOOST_TEST(refused.error().message().find("lock.mdb") != std::string::npos, refused.error().message());
  }
}

BOOST_AUTO_TEST_CASE(a_map_that_cannot_be_reserved_is_an_error_that_names_it) {
  temporary_directory d;
  fill(d.path, 3);
  auto with = options();
  with.log_map_bytes = std::uint64_t{1} << 60;
  const auto refused = try_open(d.path, with);
  BOOST_TEST((code_of(refused) == errc::store_failed));
  BOOST_TEST(refused.error().message().find("address space") != std::string::npos);
  BOOST_TEST(try_open(d.path).value()->log->durable() == 3u);
}

BOOST_AUTO_TEST_SUITE_END()
