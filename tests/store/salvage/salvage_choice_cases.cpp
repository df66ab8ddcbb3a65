// Which record salvage takes if a position has more than one: first the one that the tree leads to, then the front's, then a
// stray one; none if two strays differ.
#include "store/lmdb/format.hpp"
#include "support/store/stores.hpp"

#include <annals/salvage.hpp>
#include <annals/store_view.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <fstream>
#include <sstream>

using namespace annals;
using namespace annals::store;
namespace fs = std::filesystem;

namespace {

constexpr position common = 600, last = 660, looked_at = 630;
constexpr std::size_t page_bytes = 4096;

/// Writes records up to `to`, each of its own stream, with this letter as payload.
void write(const fs::path& at, position to, char letter) {
  auto store = stores::try_open(at).value();
  while (store->log->durable() < to) {
    auto some = next_of(*store->log);
    for (auto next = store->log->durable() + 1, end = next + 20; next < end; ++next)
      some.add("jar-" + std::to_string(next), 1, 1, std::string(50, letter));
    BOOST_TEST_REQUIRE((some.commit_to(*store->log).status == commit_status::committed));
  }
}

std::string bytes_of(const fs::path& file) {
  std::ostringstream all;
  all << std::ifstream{file, std::ios::binary}.rdbuf();
  return all.str();
}

/// The pages that hold this record, in the current tree and in former ones.
std::vector<std::size_t> pages_with(const std::string& file, position wanted) {
  std::vector<std::size_t> found;
  for (std::size_t at = 2 * page_bytes; at + page_bytes <= file.size(); at += page_bytes) {
    const char* const page = file.data() + at;
    const auto header = lmdb_format::read_as<lmdb_format::page_header>(page);
    if (header.flags != lmdb_format::is_leaf) continue;
    for (std::size_t i = 0; i < lmdb_format::count_of(header); ++i) {
      const auto* const node = page + lmdb_format::read_as<std::uint16_t>(lmdb_format::offset_place(page, i));
      const auto n = lmdb_format::read_as<lmdb_format::node_header>(node);
      if (n.key_bytes == sizeof wanted && value_bytes(n) > 50 && lmdb_format::read_as<position>(node + sizeof n) == wanted) found.push_back(at);
    }
  }
  BOOST_TEST_REQUIRE(!found.empty());
  return found;
}

/// Stores that diverged from one state, each with its own letter; shows what salvage makes of "a".
class diverged {
public:
  diverged() {
    write(at("whole"), common, 'o');
    for (const char letter : {'a', 'b', 'c'}) {
      fs::copy(at("whole"), at(std::string{letter}), fs::copy_options::recursive);
      write(at(std::string{letter}), last, letter);
    }
  }
  /// Removes the record from every page of "a".
  void lose() {
    auto bytes = bytes_of(pages());
    for (const auto at : pages_with(bytes, looked_at)) bytes.replace(at, page_bytes, page_bytes, '\0');
    std::ofstream{pages(), std::ios::binary} << bytes;
  }
  void lose_front() { fs::remove(at("a") / "log" / "front"); }
  void take_front_of(char letter) {
    fs::copy_file(at(std::string{letter}) / "log" / "front", at("a") / "log" / "front", fs::copy_options::overwrite_existing);
  }
  /// Appends a page of another store to the file of "a".
  void add_stray_of(char letter) {
    const auto other = bytes_of(at(std::string{letter}) / "log" / "data.mdb");
    std::ofstream{pages(), std::ios::binary | std::ios::app} << other.substr(pages_with(other, looked_at).back(), page_bytes);
  }
  /// The letter of the salvaged record; '-' if it is lost.
  char salvaged() {
    fs::remove_all(at("new"));
    const auto seen = salvage(at("a"), at("new")).value();
    char found = '-';
    store_view::open(at("new"))
        .value()
        .log(looked_at,
             [&](const record_view& r) {
               if (r.stream == "jar-" + std::to_string(looked_at)) found = r.payload[0];
               return false;
             })
        .value();
    const bool is_named =
        std::any_of(seen.gaps.begin(), seen.gaps.end(), [](const position_range& gap) { return gap.first <= looked_at && looked_at <= gap.last; });
    BOOST_TEST((found == '-') == is_named);
    return found;
  }

private:
  fs::path at(const std::string& name) const { return d_.path / name; }
  fs::path pages() const { return at("a") / "log" / "data.mdb"; }
  temporary_directory d_;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(salvage_choice)

BOOST_AUTO_TEST_CASE(case_73_what_the_tree_leads_to_comes_before_all_else) {
  diverged f;
  f.take_front_of('b');
  f.add_stray_of('c');
  BOOST_TEST(f.salvaged() == 'a');
}

BOOST_AUTO_TEST_CASE(case_73_the_front_comes_before_what_lies_about) {
  diverged f;
  f.lose();
  f.take_front_of('b');
  f.add_stray_of('c');
  BOOST_TEST(f.salvaged() == 'b');
}

BOOST_AUTO_TEST_CASE(case_73_what_lies_about_is_taken_when_there_is_nothing_else_and_no_two_differ) {
  diverged f;
  f.lose();
  f.lose_front();
  BOOST_TEST(f.salvaged() == '-');
  f.add_stray_of('b');
  BOOST_TEST(f.salvaged() == 'b');
  f.add_stray_of('b');
  BOOST_TEST(f.salvaged() == 'b');
  f.add_stray_of('c');
  BOOST_TEST(f.salvaged() == '-');
}

BOOST_AUTO_TEST_SUITE_END()
