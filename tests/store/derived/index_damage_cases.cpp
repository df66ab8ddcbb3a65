// A damaged stream index: a look-up returns everything that was written, or an error, but never less.
#include "store/derived/stream_key.hpp"
#include "store/inspect/verify.hpp"
#include "support/printed.hpp"
#include "support/store/derived_worlds.hpp"
#include "support/store/log_worlds.hpp"
#include "support/store/stores.hpp"

#include <boost/test/unit_test.hpp>

#include <fstream>
#include <map>
#include <random>
#include <sstream>

using namespace annals;
using namespace annals::store;
using namespace derived_worlds;
namespace fs = std::filesystem;

namespace {

constexpr environment_options map{std::uint64_t{1} << 30};

std::string contents_of(const fs::path& file) {
  std::ostringstream all;
  all << std::ifstream{file, std::ios::binary}.rdbuf();
  return all.str();
}

/// An index of some streams with several runs each, on more than one page.
class written_index {
public:
  written_index() {
    auto index = lmdb_derived_store::create(directory_.path, someone, map).value();
    position next = 1;
    for (int flush = 0; flush < 6; ++flush) {
      std::vector<kept_run> runs;
      for (int n = 0; n < 60; ++n) {
        if (n % 6 > flush) continue;  // some begin later, between existing ones
        const auto stream = name_of(n);
        auto& known = expected[stream];
        kept_run run{stream, known.size() + 1, {}};
        for (int i = 0; i <= (n + flush) % 4; ++i) run.positions.push_back(next++);
        known.insert(known.end(), run.positions.begin(), run.positions.end());
        runs.push_back(std::move(run));
      }
      write(*index, runs, {next - 1, 1});
    }
    index->runs("", 0, [&](const stream_run& run) { return keys.push_back(key_of(run.stream, run.first)), true; }).value();
    for (const auto& [stream, all] : expected) keys.push_back(key_of(stream, ~version{0}));
    index.reset();
    bytes = contents_of(file());
  }

  static std::string name_of(int n) { return "jar-" + std::to_string(100 + n); }
  fs::path directory() const { return directory_.path; }
  fs::path file() const { return directory_ / "data.mdb"; }
  result<std::unique_ptr<lmdb_derived_store>> try_open() const { return lmdb_derived_store::open(directory_.path, someone, map); }
  std::unique_ptr<lmdb_derived_store> open() const { return try_open().value(); }
  void become(std::string_view other) const {
    std::ofstream{file(), std::ios::binary}.write(other.data(), static_cast<std::streamsize>(other.size()));
    fs::remove(directory() / damage_note);
  }

  std::map<std::string, positions> expected;
  std::vector<std::string> keys;  // of all entries
  std::string bytes;              // of the file

private:
  temporary_directory directory_;
};

void is_damage(const error& why) {
  BOOST_TEST((why.code == errc::store_failed), why.message());
  BOOST_TEST(why.reason == "the stream index is damaged", why.message());
  BOOST_TEST(why.detail.find("rebuilds the index") != std::string::npos, why.message());
}

/// The number of look-ups that are refused; checks that the others are right.
std::size_t refused(const stream_index& index, const std::map<std::string, positions>& expected) {
  std::size_t count = 0;
  const auto is_right = [&](const result<void>& ok, bool right) {
    if (!ok) ++count, is_damage(ok.error());
    return !ok || right;
  };
  const auto is_found = [&](const std::string& stream, version from, std::size_t max, const positions& all) {
    const auto begin = std::min<std::size_t>(from - 1, all.size());
    const auto end = std::min(begin + max, all.size());
    const positions wanted(all.begin() + static_cast<std::ptrdiff_t>(begin), all.begin() + static_cast<std::ptrdiff_t>(end));
    positions found;
    const auto ok = index.positions(stream, from, max, found);
    return is_right(ok, found == wanted);
  };
  for (const auto& [stream, all] : expected) {
    for (const version from : {version{1}, version{all.size() / 2 + 1}, version{all.size()}, version{all.size() + 1}, version{1'000}})
      BOOST_TEST(is_found(stream, from, 1'000, all), stream << " from " << from);
    BOOST_TEST(is_found(stream, 1, 2, all));
    BOOST_TEST(is_found(stream + "0", 1, 1'000, {}));  // there is no such stream; its place is next to this one
  }
  for (const auto* none : {"", "a", "jar", "jar-", "zzz"}) BOOST_TEST(is_found(none, 1, 1'000, {}), none);
  listing wanted, found;
  for (const auto& [stream, all] : expected) wanted.emplace_back(stream, all.size());
  auto ok = index.streams("", "", [&](std::string_view name, version newest) { return found.emplace_back(name, newest), true; });
  BOOST_TEST(is_right(ok, found == wanted));
  std::map<std::string, positions> in_runs;
  ok = index.runs("", 0, [&](const stream_run& run) {
    auto& all = in_runs[std::string{run.stream}];
    all.insert(all.end(), run.positions.begin(), run.positions.end());
    return true;
  });
  BOOST_TEST(is_right(ok, in_runs == expected));
  return count;
}

std::string number(std::uint64_t n) { return {reinterpret_cast<const char*>(&n), sizeof n}; }

}  // namespace

BOOST_AUTO_TEST_SUITE(index_damage)

BOOST_AUTO_TEST_CASE(what_is_whole_is_read_without_a_word) {
  const written_index w;
  BOOST_TEST(refused(*w.open(), w.expected) == 0u);
  BOOST_TEST(!fs::exists(w.directory() / damage_note));
}

/// Flips bits of keys, wherever they are in the file, and of the bytes after them: LMDB does not notice.
BOOST_AUTO_TEST_CASE(flipped_bits_are_never_read_as_something_else) {
  const written_index w;
  std::vector<std::size_t> places;
  for (const auto& key : w.keys)
    for (auto at = w.bytes.find(key); at != std::string::npos; at = w.bytes.find(key, at + 1))
      for (std::size_t i = 0; i < key.size() + 2 * sizeof(position); ++i) places.push_back(at + i);
  std::mt19937_64 random{20'261};
  std::size_t noticed = 0;
  for (int n = 0; n < 400; ++n) {
    auto bytes = w.bytes;
    const auto at = places[random() % places.size()];
    bytes[at] = static_cast<char>(bytes[at] ^ (1 << random() % 8));
    w.become(bytes);
    BOOST_TEST_CONTEXT("byte " << at) {
      const auto opened = w.try_open();
      if (!opened) {  // the next start drops the index and creates a new one
        BOOST_TEST((opened.error().code == errc::store_foreign));
        ++noticed;
        continue;
      }
      const auto& index = *opened;
      noticed += refused(*index, w.expected) > 0;
      // What is written now continues what was there, or is refused.
      for (const auto n : {random() % 60, random() % 60}) {
        auto expected = w.expected;
        const auto stream = written_index::name_of(static_cast<int>(n)) + (random() % 2 ? "" : "-new");
        auto& all = expected[stream];
        const kept_run run{stream, all.size() + 1, {9'000, 9'001}};
        const auto ok = index->flush(std::array{run.view()}, {}, {9'001, 1});
        if (!ok) {
          is_damage(ok.error());
          continue;
        }
        all.insert(all.end(), run.positions.begin(), run.positions.end());
        positions found;
        if (const auto read = index->positions(stream, 1, 1'000, found))
          BOOST_TEST(found == all, boost::test_tools::per_element());
        else
          is_damage(read.error());
        w.become(bytes);
        break;
      }
    }
  }
  BOOST_TEST(noticed > 100u);  // the others were in pages that are no longer in use
}

/// The keys in branch pages lead LMDB to the page of a key: a wrong one leads it to another page. Verification walks through all of them.
BOOST_AUTO_TEST_CASE(case_73_a_search_that_is_led_astray_finds_nothing_wrong_and_a_walk_notices) {
  constexpr std::size_t page = 4096, flags_at = 10;
  constexpr char is_branch = 1;
  const written_index w;
  std::size_t noticed = 0;
  for (const auto& key : w.keys)
    for (auto at = w.bytes.find(key); at != std::string::npos; at = w.bytes.find(key, at + 1)) {
      if (w.bytes[at / page * page + flags_at] != is_branch) continue;
      for (std::size_t i = 4; i < 7; ++i)
        for (const int bit : {1, 2, 4}) {
          auto bytes = w.bytes;
          bytes[at + i] = static_cast<char>(bytes[at + i] ^ bit);
          w.become(bytes);
          BOOST_TEST_CONTEXT("byte " << at + i << " flipped by " << bit) {
            const auto index = w.open();
            const bool is_astray = refused(*index, w.expected) > 0;
            noticed += is_astray;
            BOOST_TEST(index->runs("", 0, [](const stream_run&) { return true; }).has_value() == !is_astray);
          }
        }
    }
  BOOST_TEST(noticed > 0u);
}

BOOST_AUTO_TEST_CASE(an_entry_that_is_lost_is_missed) {
  const written_index w;
  for (std::size_t i = 0; i < w.keys.size(); i += 7) {
    w.become(w.bytes);
    stores::put_raw(w.directory(), "runs", w.keys[i], nullptr);
    const auto index = w.open();
    const auto stream = std::string{parse_stream_key(w.keys[i])->stream};
    positions found;
    const auto ok = index->positions(stream, 1, 1'000, found);
    BOOST_TEST_REQUIRE(!ok.has_value());
    BOOST_TEST(ok.error().detail.find("stream " + stream) != std::string::npos, ok.error().message());
    BOOST_TEST(refused(*index, w.expected) > 0u);
    const kept_run run{stream, w.expected.at(stream).size() + 1, {9'000}};
    if (parse_stream_key(w.keys[i])->version == ~version{0}) BOOST_TEST(!index->flush(std::array{run.view()}, {}, {9'000, 1}).has_value());
  }
}

BOOST_AUTO_TEST_CASE(a_stream_that_is_lost_as_a_whole_is_missed) {
  const written_index w;
  for (const int n : {0, 17, 59}) {
    w.become(w.bytes);
    const auto stream = written_index::name_of(n);
    for (const auto& key : w.keys)
      if (parse_stream_key(key)->stream == stream) stores::put_raw(w.directory(), "runs", key, nullptr);
    const auto index = w.open();
    positions found;
    const auto ok = index->positions(stream, 1, 1'000, found);
    BOOST_TEST_REQUIRE(!ok.has_value(), stream);
    BOOST_TEST(ok.error().detail.find("stream " + stream) != std::string::npos, ok.error().message());
    BOOST_TEST(!index->streams("", "", [](std::string_view, version) { return true; }).has_value());
    const kept_run run{stream, 1, {9'000}};
    BOOST_TEST(!index->flush(std::array{run.view()}, {}, {9'000, 1}).has_value());
  }
  w.become(w.bytes);
  stores::put_raw(w.directory(), "runs", key_of("", ~version{0}), nullptr);  // the first entry of the table
  BOOST_TEST(!w.open()->streams("", "", [](std::string_view, version) { return true; }).has_value());
}

BOOST_AUTO_TEST_CASE(a_mark_or_checkpoint_that_is_damaged_says_nothing) {
  temporary_directory d;
  {
    const auto index = lmdb_derived_store::create(d.path, someone, map).value();
    write(*index, {}, {5, 7}, {{"manager", 5}});
  }
  auto wrong = number(6) + number(0);
  stores::put_raw(d.path, "checkpoints", "manager", &wrong);
  {
    const auto index = lmdb_derived_store::open(d.path, someone, map).value();
    BOOST_TEST(index->checkpoint("manager") == 0u);  // a follower starts again from the first event
    BOOST_TEST(!index->checkpoints().has_value());
    BOOST_TEST(index->mark().at == 5u);
  }
  wrong = number(6) + number(7) + number(0);
  stores::put_raw(d.path, "meta", "mark", &wrong);
  BOOST_TEST((lmdb_derived_store::open(d.path, someone, map).error().code == errc::store_foreign));
}

namespace {

/// Removes the second run of "a-1", versions 6 to 9.
void lose_a_run(const fs::path& store) {
  stores::fill(store, 5);
  stores::fill(store, 9);
  stores::put_raw(store / "derived", "runs", key_of("a-1", 6), nullptr);
}

}  // namespace

BOOST_AUTO_TEST_CASE(what_a_writer_has_found_damaged_is_built_again_at_the_next_start) {
  temporary_directory d;
  lose_a_run(d.path);
  {
    const auto reader = stores::try_open(d.path, stores::reading()).value();
    positions ignored;
    is_damage(reader->derived->positions("a-1", 1, 100, ignored).error());
    const auto seen = verify(*reader->log, reader->derived.get()).value();
    BOOST_TEST(seen.derived_damaged);
    BOOST_TEST(seen.why_no_derived.find("at stream a-1") != std::string::npos, seen.why_no_derived);
  }
  BOOST_TEST(!fs::exists((d / "derived") / damage_note));  // a reader changes nothing
  std::vector<std::string> warnings;
  {
    const auto writer = stores::try_open(d.path, stores::options(&warnings)).value();
    stream_reader reader{*writer->log, *writer->derived};
    BOOST_TEST(reader.catch_up(100).value());
    const auto read = reader.read("a-1", 1, 100, [](const record_view&) { return true; });
    BOOST_TEST_REQUIRE(!read.has_value());
    is_damage(read.error());
  }
  BOOST_TEST(warnings.empty());
  BOOST_TEST(fs::exists((d / "derived") / damage_note));
  {
    const auto reader = stores::try_open(d.path, stores::reading()).value();
    BOOST_TEST(!reader->derived);
    BOOST_TEST(reader->why_no_derived.find("at stream a-1") != std::string::npos, reader->why_no_derived);
  }
  const auto store = stores::try_open(d.path, stores::options(&warnings)).value();
  BOOST_TEST_REQUIRE(warnings.size() == 1u);
  BOOST_TEST(warnings[0].find("at stream a-1") != std::string::npos, warnings[0]);
  stores::bring_up(store);
  BOOST_TEST(positions_of(*store->derived, "a-1", 1) == (positions{1, 2, 3, 4, 5, 6, 7, 8, 9}), boost::test_tools::per_element());
  BOOST_TEST(!fs::exists((d / "derived") / damage_note));
}

BOOST_AUTO_TEST_CASE(rule_6_also_a_damaged_index_may_know_of_a_loss) {
  temporary_directory d;
  stores::fill(d.path, 5);
  fs::copy(d / "log", d / "older");
  stores::fill(d.path, 9);
  std::ofstream{(d / "derived") / damage_note} << "found";
  fs::remove_all(d / "log");
  fs::rename(d / "older", d / "log");
  BOOST_TEST((code_of(stores::try_open(d.path)) == errc::derived_ahead));
}

BOOST_AUTO_TEST_SUITE_END()
