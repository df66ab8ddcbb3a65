// Images (snapshots of read models): the contract for each implementation, and how damaged files are handled.
#include "store/derived/image_files.hpp"
#include "store/derived/memory_images.hpp"
#include "support/printed.hpp"
#include "support/store/derived_worlds.hpp"
#include "support/store/stores.hpp"

#include <boost/mpl/list.hpp>

#include <boost/test/unit_test.hpp>

#include <fstream>

using namespace annals;
using namespace annals::store;
namespace fs = std::filesystem;

namespace {

constexpr auto newest = ~position{0};
bool go_on() { return true; }

class images_on_disk {
public:
  images& get() { return images_; }
  fs::path only_file() const {
    std::vector<fs::path> all;
    for (const auto& entry : fs::directory_iterator{directory_ / "images"}) all.push_back(entry.path());
    BOOST_TEST_REQUIRE(all.size() == 1u);
    return all.front();
  }
  temporary_directory directory_;
  image_files images_{directory_ / "images", someone};
};

class images_in_memory {
public:
  images& get() { return images_; }

private:
  memory_images images_{std::make_shared<memory_image_disk>()};
};

using every_kind = boost::mpl::list<images_on_disk, images_in_memory>;

image some(std::string model, position at, std::string bytes = "bytes", std::uint64_t shape = 5) {
  return {std::move(model), {at, at * 11}, shape, "parked", std::move(bytes)};
}

std::optional<image> found(images& in, std::string_view model, position up_to = newest, std::uint64_t shape = 5) {
  return in.newest(model, shape, up_to).value();
}

/// The file's bytes with one byte changed.
void flip(const fs::path& file, std::size_t at) {
  std::fstream f{file, std::ios::in | std::ios::out | std::ios::binary};
  f.seekg(static_cast<std::streamoff>(at));
  const auto was = static_cast<char>(f.get());
  f.seekp(static_cast<std::streamoff>(at));
  f.put(static_cast<char>(was ^ 4));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(image_contract)

BOOST_AUTO_TEST_CASE_TEMPLATE(what_is_kept_is_found, T, every_kind) {
  T in;
  BOOST_TEST(!found(in.get(), "sums"));
  const std::string large(3'000'000, 'x');
  in.get().write(some("sums", 9, large), go_on).value();
  in.get().write(some("sums.more", 4), go_on).value();
  const auto one = found(in.get(), "sums").value();
  BOOST_TEST(one.model == "sums");
  BOOST_TEST(one.mark.at == 9u);
  BOOST_TEST(one.mark.checksum == 99u);
  BOOST_TEST(one.shape == 5u);
  BOOST_TEST(one.parked == "parked");
  BOOST_TEST((one.bytes == large));
  BOOST_TEST(!found(in.get(), "sums", 8));
  BOOST_TEST(found(in.get(), "sums.more")->bytes == "bytes");
  BOOST_TEST(!found(in.get(), "sum"));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_newer_one_takes_its_place, T, every_kind) {
  T in;
  in.get().write(some("sums", 9, "old"), go_on).value();
  in.get().write(some("sums", 10, "new"), go_on).value();
  BOOST_TEST(found(in.get(), "sums")->bytes == "new");
  BOOST_TEST(!found(in.get(), "sums", 9));
  in.get().write(some("sums", 10, "again"), go_on).value();
  BOOST_TEST(found(in.get(), "sums")->bytes == "again");
}

BOOST_AUTO_TEST_CASE_TEMPLATE(one_that_is_given_up_leaves_the_older_one, T, every_kind) {
  T in;
  in.get().write(some("sums", 9, "old"), go_on).value();
  in.get().write(some("sums", 10, "new"), [] { return false; }).value();
  BOOST_TEST(found(in.get(), "sums")->bytes == "old");
}

BOOST_AUTO_TEST_CASE_TEMPLATE(one_of_another_shape_says_so_without_its_bytes, T, every_kind) {
  T in;
  in.get().write(some("sums", 9), go_on).value();
  const auto one = found(in.get(), "sums", newest, 6).value();
  BOOST_TEST(one.shape == 5u);
  BOOST_TEST(one.bytes.empty());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(dropping_what_never_was_is_no_failure, T, every_kind) {
  T in;
  in.get().drop("sums").value();
  in.get().write(some("more", 9), go_on).value();
  in.get().drop("sums").value();
  BOOST_TEST(found(in.get(), "more").has_value());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(what_is_dropped_is_gone, T, every_kind) {
  T in;
  in.get().write(some("sums", 9), go_on).value();
  in.get().write(some("more", 9), go_on).value();
  in.get().drop("sums").value();
  BOOST_TEST(!found(in.get(), "sums"));
  BOOST_TEST(found(in.get(), "more").has_value());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(image_damage)

BOOST_AUTO_TEST_CASE(a_changed_byte_anywhere_is_seen) {
  images_on_disk in;
  in.get().write(some("sums", 9), go_on).value();
  const auto file = in.only_file();
  const auto size = fs::file_size(file);
  for (std::size_t i = 0; i < size; ++i) {
    flip(file, i);
    const auto one = in.get().newest("sums", 5, newest);
    BOOST_TEST_REQUIRE(!one, "byte " << i);
    BOOST_TEST((one.error().code == errc::corrupt_record));
    BOOST_TEST(one.error().place == 9u);
    BOOST_TEST(one.error().message().find(file.filename().string()) != std::string::npos);
    const auto checked = in.get().check().value();
    BOOST_TEST((checked.damaged == 1u && checked.good.empty()), "byte " << i);
    flip(file, i);
  }
  const auto checked = in.get().check().value();
  BOOST_TEST((checked.damaged == 0u && checked.good.size() == 1u));
  BOOST_TEST(found(in.get(), "sums").has_value());
}

BOOST_AUTO_TEST_CASE(a_file_that_is_short_or_long_is_damaged) {
  for (const long by : {-1000, -6, -1, 1}) {
    images_on_disk in;
    in.get().write(some("sums", 9), go_on).value();
    const auto size = static_cast<long>(fs::file_size(in.only_file()));
    fs::resize_file(in.only_file(), static_cast<std::uintmax_t>(std::max(0L, size + by)));
    BOOST_TEST((in.get().newest("sums", 5, newest).error().code == errc::corrupt_record), by);
  }
}

BOOST_AUTO_TEST_CASE(one_of_another_store_or_history_is_not_ours) {
  images_on_disk in;
  in.get().write(some("sums", 9), go_on).value();
  auto other = someone;
  other.history = 8;
  BOOST_TEST(!image_files(in.directory_ / "images", other).newest("sums", 5, newest));
  BOOST_TEST(image_files(in.directory_ / "images", other).heads().empty());
  other = someone;
  other.store_id = std::string(32, 'b');
  BOOST_TEST(!image_files(in.directory_ / "images", other).newest("sums", 5, newest));
  BOOST_TEST(image_files(in.directory_ / "images", someone).heads().size() == 1u);
}

BOOST_AUTO_TEST_CASE(checking_counts_what_a_start_would_read_and_names_what_it_cannot) {
  images_on_disk in;
  BOOST_TEST(in.get().check().value().good.empty());  // the directory does not exist
  in.get().write(some("sums", 9), go_on).value();
  const auto file = in.only_file();
  std::ofstream{file.parent_path() / "note.txt"} << "no image";
  BOOST_TEST(in.get().check().value().damaged == 0u);
  fs::rename(file, file.parent_path() / "sums.00000000000000000008");
  BOOST_TEST(in.get().check().value().damaged == 1u);
  fs::remove_all(file.parent_path());
  std::ofstream{file.parent_path()} << "no directory";
  BOOST_TEST(!in.get().check().has_value());
}

BOOST_AUTO_TEST_CASE(names_of_any_bytes_are_kept_apart) {
  images_on_disk in;
  const std::string names[] = {"a/b", "a%2fb", "../a", "a b", "ä", std::string("a\0b", 3), "A", "a"};
  for (const auto& name : names) in.get().write(some(name, 1, name), go_on).value();
  for (const auto& name : names) BOOST_TEST(found(in.get(), name)->bytes == name);
}

BOOST_AUTO_TEST_CASE(what_a_crash_left_half_written_is_removed_and_never_read) {
  images_on_disk in;
  in.get().write(some("sums", 9), go_on).value();
  auto half = in.only_file();
  half += ".part";
  std::ofstream{half} << "half";
  BOOST_TEST(found(in.get(), "sums")->mark.at == 9u);
  in.images_.remove_leftovers();
  BOOST_TEST(!fs::exists(half));
  BOOST_TEST(found(in.get(), "sums")->mark.at == 9u);
}

BOOST_AUTO_TEST_CASE(case_54_an_image_that_knows_more_than_the_log_is_loud) {
  temporary_directory d;
  stores::fill(d.path, 5);
  fs::copy(d / "log", d / "older");
  {
    auto store = stores::try_open(d.path).value();
    append(*store->log, "a-1", 6, 9);
    store->images->write({"sums", {9, 1'234}, 5, {}, "bytes"}, go_on).value();
  }
  fs::remove_all(d / "log");
  fs::rename(d / "older", d / "log");
  const auto refused = stores::try_open(d.path);
  BOOST_TEST_REQUIRE(!refused);
  BOOST_TEST((refused.error().code == errc::derived_ahead));
  BOOST_TEST(refused.error().message().find("positions 6 to 9") != std::string::npos);
  auto with = stores::options();
  with.accept_loss = true;
  BOOST_TEST(!stores::try_open(d.path, with).value()->images->newest("sums", 5, newest).value());
}

BOOST_AUTO_TEST_SUITE_END()
