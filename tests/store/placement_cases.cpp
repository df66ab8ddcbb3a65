// Where a store is, and who may read it: other working directories, other names, other users.
#include "store/derived/stream_key.hpp"
#include "support/printed.hpp"
#include "support/store/child_process.hpp"
#include "support/store/stores.hpp"
#include "support/working_in.hpp"

#include <annals/store_view.hpp>

#include <boost/test/unit_test.hpp>

#include <grp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <utility>

using namespace annals;
using namespace stores;
namespace fs = std::filesystem;

namespace {

class umask_of {
public:
  explicit umask_of(mode_t mask) : before_(::umask(mask)) {}
  umask_of(const umask_of&) = delete;
  umask_of& operator=(const umask_of&) = delete;
  ~umask_of() { ::umask(before_); }

private:
  mode_t before_;
};

store::image image_at(const stores::opened& store, position at) {
  store::image one;
  one.model = "sums";
  one.mark.at = at;
  const position wanted[] = {at};
  store->log->read_at(wanted, [&](const record_view& r) { return one.mark.checksum = r.checksum, true; }).value();
  one.bytes = "the bytes of a model";
  return one;
}

const std::function<bool()> go_on = [] { return true; };

/// A store that has everything a store may have.
stores::opened with_everything(const fs::path& at, store::open_options with = options()) {
  auto made = try_open(at, std::move(with)).value();
  if (!append(*made->log, "a-1", 1, 3)) detail::broken("the test's store cannot be filled");
  bring_up(made);
  made->images->write(image_at(made, 3), go_on).value();
  return made;
}

unsigned mode_of(const fs::path& path) {
  struct stat info{};
  return ::lstat(path.c_str(), &info) == 0 ? info.st_mode & 0777u : 0u;
}

/// Checks that everything has these modes; LMDB's reader tables may have their own.
void check_modes(const fs::path& store, unsigned directories, unsigned files, unsigned reader_tables) {
  BOOST_TEST(mode_of(store) == directories, store);
  std::size_t seen = 0;
  for (const auto& entry : fs::recursive_directory_iterator{store}) {
    const bool is_table = entry.path().filename() == "lock.mdb";
    BOOST_TEST(mode_of(entry.path()) == (entry.is_directory() ? directories : is_table ? reader_tables : files), entry.path());
    ++seen;
  }
  BOOST_TEST(seen >= 4u);
}

/// Continues as a user of this group who owns nothing here; false if this process may not do that.
bool become(gid_t group) { return ::setgroups(0, nullptr) == 0 && ::setresgid(group, group, group) == 0 && ::setresuid(65533, 65533, 65533) == 0; }

}  // namespace

BOOST_AUTO_TEST_SUITE(placement)

BOOST_AUTO_TEST_CASE(case_82_a_relative_path_is_meant_as_of_the_open) {
  temporary_directory d;
  fs::create_directory(d / "elsewhere");
  const working_in here{d.path};
  const auto store = try_open("store").value();
  const working_in there{d / "elsewhere"};
  BOOST_TEST_REQUIRE(append(*store->log, "a-1", 1, 3));
  bring_up(store);
  store->images->write(image_at(store, 2), go_on).value();
  store->images->write(image_at(store, 3), go_on).value();
  BOOST_TEST(store->images->heads().size() == 1u);
  BOOST_TEST(fs::is_empty(d / "elsewhere"));
  const auto images = d.path / "store" / "derived" / "images";
  BOOST_TEST(std::distance(fs::directory_iterator{images}, {}) == 1);
  store->images->drop("sums").value();
  BOOST_TEST(fs::is_empty(images));
}

BOOST_AUTO_TEST_CASE(case_82_an_open_store_may_be_moved) {
  temporary_directory d;
  {
    const auto store = with_everything(d / "store");
    fs::rename(d / "store", d / "moved");
    fs::create_directory(d / "store");  // and another directory takes its name
    BOOST_TEST_REQUIRE(append(*store->log, "a-1", 4, 6));
    bring_up(store);
    store->images->write(image_at(store, 6), go_on).value();
    BOOST_TEST(store->images->newest("sums", 0, 6).value()->mark.at == 6u);
    BOOST_TEST(store->images->check().value().good.size() == 1u);
    store->images->drop("sums").value();
    BOOST_TEST(fs::is_empty(d.path / "moved" / "derived" / "images"));
    store->images->write(image_at(store, 5), go_on).value();
    store->log->backup(d / "backup").value();
    BOOST_TEST(fs::is_empty(d / "store"));
  }
  BOOST_TEST(try_open(d / "moved").value()->log->durable() == 6u);
  BOOST_TEST(try_open(d / "backup", reading()).value()->log->readable() == 6u);
  const auto seen = store_view::open(d / "moved").value().verify().value();
  BOOST_TEST(seen.records == 6u);
  BOOST_TEST(seen.indexed == 6u);
  BOOST_TEST(seen.images == 1u);
}

BOOST_AUTO_TEST_CASE(case_82_statistics_of_a_view_do_not_go_by_the_name_it_was_opened_with) {
  temporary_directory d;
  with_everything(d / "store").reset();
  const working_in here{d.path};
  const auto view = store_view::open("store").value();
  const auto before = view.stats().value();
  BOOST_TEST(before.log_bytes > 0u);
  fs::create_directory(d / "elsewhere");
  fs::rename(d / "store", d / "moved");
  const working_in there{d / "elsewhere"};
  const auto after = view.stats().value();
  BOOST_TEST(after.log_bytes == before.log_bytes);
  BOOST_TEST(after.front_bytes == before.front_bytes);
  BOOST_TEST(after.derived_bytes == before.derived_bytes);
  BOOST_TEST(after.derived->images.size() == 1u);
}

BOOST_AUTO_TEST_CASE(case_82_damage_is_noted_in_the_store_wherever_that_is) {
  temporary_directory d;
  const working_in here{d.path};
  {
    with_everything("store").reset();
    put_raw(d.path / "store" / "derived", "runs", store::key_of("a-1", 1), nullptr);
    const auto store = try_open("store").value();
    fs::create_directory(d / "elsewhere");
    fs::rename(d / "store", d / "moved");
    const working_in there{d / "elsewhere"};
    std::vector<position> ignored;
    BOOST_TEST(!store->derived->positions("a-1", 1, 100, ignored));
    BOOST_TEST(fs::is_empty(d / "elsewhere"));
  }
  BOOST_TEST(fs::exists(d.path / "moved" / "derived" / "damaged"));
  std::vector<std::string> warnings;
  try_open(d / "moved", options(&warnings)).value();
  BOOST_TEST_REQUIRE(warnings.size() == 1u);
  BOOST_TEST(warnings[0].find("dropped") != std::string::npos, warnings[0]);
}

BOOST_AUTO_TEST_CASE(case_82_what_cannot_be_removed_is_an_error) {
  temporary_directory d;
  {
    const auto store = with_everything(d / "store");
    const auto images = d.path / "store" / "derived" / "images";
    const auto image = fs::directory_iterator { images } -> path();
    fs::remove(image);
    fs::create_directory(image);  // not even root can unlink a directory
    const auto refused = store->images->drop("sums");
    BOOST_TEST_REQUIRE(!refused.has_value());
    BOOST_TEST(refused.error().message().find(image.filename().string()) != std::string::npos, refused.error().message());
    fs::remove_all(images);
    std::ofstream{images} << "a file";
    BOOST_TEST(!store->images->drop("sums"));
  }
}

BOOST_AUTO_TEST_CASE(case_83_a_store_is_known_by_what_it_is_and_not_by_its_name) {
  temporary_directory d;
  auto writer = try_open(d / "store").value();
  BOOST_TEST_REQUIRE(append(*writer->log, "a-1", 1, 3));
  fs::rename(d / "store", d / "moved");
  fs::create_directory_symlink(d / "moved", d / "alias");
  const auto refused = [&](const fs::path& name) {
    BOOST_TEST((code_of(try_open(name, reading())) == errc::misuse), name);
    BOOST_TEST((code_of(try_open(name)) == errc::misuse), name);
    BOOST_TEST((store_view::open(name).error().code == errc::misuse), name);
  };
  refused(d / "moved");
  refused(d / "alias");
  {
    const working_in here{d / "moved"};
    refused(".");
    refused("../alias");
  }
  BOOST_TEST_REQUIRE(append(*writer->log, "a-1", 4, 6));
  // Another store at the old name is a different store.
  auto other = try_open(d / "store").value();
  BOOST_TEST_REQUIRE(append(*other->log, "b-1", 1, 1));
  other.reset();
  writer.reset();
  auto reader = try_open(d / "alias", reading()).value();
  BOOST_TEST(reader->log->readable() == 6u);
  refused(d / "moved");
}

BOOST_AUTO_TEST_CASE(case_88_a_store_is_its_owners_alone_whatever_the_umask_says) {
  for (const mode_t mask : {0u, 022u, 077u}) {
    temporary_directory d;
    const umask_of set{mask};
    const auto store = with_everything(d / "store");
    check_modes(d / "store", 0700, 0600, 0600);
    store->log->backup(d / "backup").value();
    check_modes(d / "backup", 0700, 0600, 0600);
    fs::create_directory(d / "there");
    with_everything(d / "there");
    check_modes(d / "there", 0700, 0600, 0600);
  }
}

BOOST_AUTO_TEST_CASE(case_88_a_group_may_read_it_when_told_so_and_the_backup_too) {
  for (const mode_t mask : {0u, 022u, 077u}) {
    temporary_directory d;
    const umask_of set{mask};
    auto with = options();
    with.readable_by_group = true;
    {
      const auto store = with_everything(d / "store", with);
      check_modes(d / "store", 0750, 0640, 0660);
      store->images->write(image_at(store, 2), go_on).value();  // while the store has been open
      store->log->backup(d / "backup").value();
    }
    check_modes(d / "store", 0750, 0640, 0660);
    check_modes(d / "backup", 0750, 0640, 0660);
    try_open(d / "store").value();  // without the group again
    check_modes(d / "store", 0700, 0600, 0600);
    fs::permissions(d / "store", fs::perms::all);
    fs::permissions(d.path / "store" / "log" / "data.mdb", fs::perms::all);
    try_open(d / "store", with).value();
    check_modes(d / "store", 0750, 0640, 0660);
  }
}

BOOST_AUTO_TEST_CASE(case_88_one_of_the_group_reads_beside_the_writer_and_others_do_not) {
  if (::geteuid() != 0) return;  // only root can become another user
  temporary_directory d;
  fs::permissions(d.path, fs::perms::owner_all | fs::perms::others_exec | fs::perms::group_exec);
  constexpr gid_t readers = 65531, others = 65532;
  auto with = options();
  with.readable_by_group = true;
  fs::create_directory(d / "store");
  BOOST_TEST_REQUIRE(::chown((d / "store").c_str(), 0, readers) == 0);
  fs::permissions(d / "store", fs::perms::set_gid, fs::perm_options::add);  // so that files created in it belong to the group
  const auto store = with_everything(d / "store", with);
  const auto seen_by = [&](gid_t group) {
    child_process child{[&](auto&& report) {
      if (!become(group)) return;
      const auto view = store_view::open(d / "store");
      report(view ? view->verify().value().indexed : 1'000 + static_cast<std::uint64_t>(view.error().code));
      report(std::ofstream{d.path / "store" / "log" / "data.mdb", std::ios::app}.is_open());
    }};
    std::uint64_t seen = 0, may_write = 1;
    BOOST_TEST_REQUIRE(child.next(seen));
    BOOST_TEST_REQUIRE(child.next(may_write));
    BOOST_TEST(may_write == 0u);
    return seen;
  };
  BOOST_TEST(seen_by(readers) == 3u);
  BOOST_TEST(seen_by(others) > 1'000u);
  BOOST_TEST_REQUIRE(append(*store->log, "a-1", 4, 4));
}

BOOST_AUTO_TEST_SUITE_END()
