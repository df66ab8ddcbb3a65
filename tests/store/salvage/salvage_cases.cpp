// Salvage puts the sound records of a damaged store into a new one.
#include "support/store/stores.hpp"

#include <annals/salvage.hpp>
#include <annals/store_view.hpp>

#include <boost/test/unit_test.hpp>

#include <fstream>
#include <random>
#include <set>

using namespace annals;
using namespace annals::store;
namespace fs = std::filesystem;

namespace {

constexpr position records = 3'000;

std::string stream_of(position at) { return "jar-" + std::to_string(at % 30); }
version version_of_record(position at) { return (at - 1) / 30 + 1; }

/// Writes all records, some of them larger than a page, and a decision.
void write_store(const fs::path& at) {
  auto store = stores::try_open(at).value();
  for (position next = 1; next <= records;) {
    batch some{next};
    for (int n = 0; n < 100; ++n, ++next)
      some.add(stream_of(next), version_of_record(next), version_of_record(next), std::string(next % 211 == 0 ? 9'000 : 50, 'x'));
    BOOST_TEST_REQUIRE((some.commit_to(*store->log).status == commit_status::committed));
  }
  BOOST_TEST_REQUIRE((store->log->drain(std::array{control_entry{"skip/sums/7", "yes"}}).status == commit_status::committed));
}

void fill_page(const fs::path& file, std::uint64_t number, std::mt19937_64& random) {
  std::string noise(4096, '\0');
  for (auto& c : noise) c = static_cast<char>(random());
  std::fstream bytes{file, std::ios::in | std::ios::out | std::ios::binary};
  bytes.seekp(static_cast<std::streamoff>(number * 4096));
  bytes.write(noise.data(), 4096);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(salvaging)

BOOST_AUTO_TEST_CASE(case_73_salvage_of_a_whole_store_loses_nothing_and_keeps_what_was_decided) {
  temporary_directory d;
  write_store(d / "old");
  const auto before = stores::everything_in(d / "old");
  const auto seen = salvage(d / "old", d / "new").value();
  BOOST_TEST((stores::everything_in(d / "old") == before));
  BOOST_TEST(seen.records == records);
  BOOST_TEST(seen.lost == 0u);
  BOOST_TEST((seen.gaps.empty() && seen.cut.empty() && seen.why_no_decisions.empty()));
  const auto old_one = store_view::open(d / "old").value(), new_one = store_view::open(d / "new").value();
  BOOST_TEST(old_one.store_id() != new_one.store_id());
  BOOST_TEST(new_one.verify().value().records == records);
  std::vector<std::uint64_t> left, right;
  old_one.log(1, [&](const record_view& r) { return left.push_back(r.checksum), true; }).value();
  new_one.log(1, [&](const record_view& r) { return right.push_back(r.checksum), true; }).value();
  BOOST_TEST((left == right));
  BOOST_TEST(new_one.skipped("sums").has_value());
}

BOOST_AUTO_TEST_CASE(case_73_salvage_keeps_positions_ends_streams_before_a_lost_version_and_names_the_gaps) {
  temporary_directory d;
  write_store(d / "whole");
  const auto pages = fs::file_size(d / "whole" / "log" / "data.mdb") / 4096;
  std::mt19937_64 random{7'373};
  for (int n = 0; n < 12; ++n) {
    fs::remove_all(d / "old");
    fs::remove_all(d / "new");
    fs::copy(d / "whole", d / "old", fs::copy_options::recursive);
    for (int i = 0; i < 3; ++i) fill_page(d / "old" / "log" / "data.mdb", random() % pages, random);
    const auto before = stores::everything_in(d / "old");
    std::set<position> aside;
    const auto seen = salvage(d / "old", d / "new", [&](const record_view& r) { aside.insert(r.at); });
    BOOST_TEST_REQUIRE(seen.has_value());
    BOOST_TEST((stores::everything_in(d / "old") == before));
    std::set<position> lost;
    for (const auto& gap : seen->gaps)
      for (auto at = gap.first; at <= gap.last; ++at) lost.insert(at);
    BOOST_TEST(lost.size() == seen->lost);
    BOOST_TEST(seen->lost <= 3u * 60);  // a page holds fewer
    BOOST_TEST(seen->records + seen->lost + aside.size() == records);
    std::map<std::string, version> ends;
    position at = 0;
    {
      const auto view = store_view::open(d / "new").value();
      BOOST_TEST(view.verify().has_value());
      view.log(1,
               [&](const record_view& r) {
                 ++at;
                 const bool is_there = lost.count(at) == 0 && aside.count(at) == 0;
                 BOOST_TEST(is_there == (r.stream == stream_of(at) && r.version == version_of_record(at)));
                 if (is_there) ends[std::string{r.stream}] = r.version;
                 return true;
               })
          .value();
    }
    for (const auto& one : seen->cut) {
      const auto end = ends.find(one.stream);
      BOOST_TEST(one.newest == (end == ends.end() ? 0 : end->second));
      BOOST_TEST(one.set_aside > 0u);
    }
    auto opened = stores::try_open(d / "new").value();
    BOOST_TEST(append(*opened->log, "pot-1", 1, 3));
  }
}

BOOST_AUTO_TEST_CASE(case_73_salvage_refuses_a_store_in_use_and_a_target_that_is_there_or_in_the_store) {
  temporary_directory d;
  stores::fill(d / "old", 9);
  fs::create_directory(d / "there");
  BOOST_TEST(!salvage(d / "old", d / "there").has_value());
  for (const auto* inside : {"inside", "log/inside", "../old/inside"})
    BOOST_TEST((salvage(d / "old", d / "old" / inside).error().code == errc::bad_option), inside);
  const auto writing = stores::try_open(d / "old").value();
  const auto refused = salvage(d / "old", d / "new");
  BOOST_TEST_REQUIRE(!refused.has_value());
  BOOST_TEST((refused.error().code == errc::store_locked));
}

BOOST_AUTO_TEST_SUITE_END()
