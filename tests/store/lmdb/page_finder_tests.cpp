// Finds records through LMDB's pages and compares with LMDB itself.
#include "store/lmdb/page_finder.hpp"
#include "support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <atomic>
#include <random>
#include <string>
#include <thread>
#include <vector>

using namespace annals;
using namespace annals::store;

namespace {

/// A table like the log's, filled by appending, some records per commit.
class table {
public:
  explicit table(const std::filesystem::path& place) : env_(lmdb_environment::open(place, {std::uint64_t{1} << 30}).value()) {
    auto txn = write_transaction::begin(*env_).value();
    BOOST_TEST_REQUIRE(mdb_dbi_open(txn.get(), nullptr, 0, &main_) == 0);
    BOOST_TEST_REQUIRE(mdb_dbi_open(txn.get(), "events", MDB_INTEGERKEY | MDB_CREATE, &events_) == 0);
    BOOST_TEST_REQUIRE(mdb_dbi_open(txn.get(), "others", MDB_CREATE, &others_) == 0);
    BOOST_TEST_REQUIRE(txn.commit() == 0);
  }

  void append(const std::vector<std::string>& values) {
    auto txn = write_transaction::begin(*env_).value();
    for (const auto& value : values) {
      ++head_;
      MDB_val key{sizeof head_, &head_};
      auto val = to_val(value);
      BOOST_TEST_REQUIRE(mdb_put(txn.get(), events_, &key, &val, MDB_APPEND) == 0);
    }
    // A commit of the log changes other tables, too: their pages come in between.
    BOOST_TEST_REQUIRE(put(txn.get(), others_, "head", std::to_string(head_)) == 0);
    BOOST_TEST_REQUIRE(txn.commit() == 0);
  }

  position head() const { return head_; }
  unsigned depth() const {
    const auto txn = read_transaction::begin(*env_).value();
    return txn.open("events").value().table().depth;
  }

  struct outcome {
    std::size_t asked = 0, found = 0, elsewhere = 0, wrong = 0;
  };

  /// Looks for these keys as the log does, and compares with what LMDB has. For any thread.
  outcome look_for(const std::vector<position>& keys, std::size_t most) const {
    const auto txn = read_transaction::begin(*env_).value();
    auto events = txn.open("events").value();
    const page_finder finder{txn, events.table(), leaves_};
    outcome all;
    finder.find(keys, [&](position at, std::string_view found) {
      all.wrong += at != keys[all.asked++];
      if (found.empty()) return true;
      MDB_val key{sizeof at, &at}, val{};
      all.wrong += events.get(key, val, MDB_SET) != 0 || to_view(val) != found;
      all.elsewhere += to_view(val).data() != found.data();
      return ++all.found < most;
    });
    return all;
  }

  /// The number of keys found.
  std::size_t find(const std::vector<position>& keys, std::size_t most = ~std::size_t{0}) const {
    const auto all = look_for(keys, most);
    BOOST_TEST(all.wrong == 0u);
    BOOST_TEST(all.elsewhere == 0u);
    BOOST_TEST(all.asked == std::min(most, keys.size()));
    return all.found;
  }

  leaf_table& leaves() const { return leaves_; }

private:
  std::unique_ptr<lmdb_environment> env_;
  MDB_dbi main_ = 0, events_ = 0, others_ = 0;
  mutable leaf_table leaves_;
  position head_ = 0;
};

std::vector<std::string> values(std::mt19937& random, std::size_t count, std::size_t least, std::size_t most) {
  std::vector<std::string> all;
  for (std::size_t i = 0; i < count; ++i) all.emplace_back(least + random() % (most - least + 1), static_cast<char>('a' + random() % 26));
  return all;
}

std::vector<position> all_of(const table& t) {
  std::vector<position> keys;
  for (position p = 1; p <= t.head(); ++p) keys.push_back(p);
  return keys;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(finding_by_pages)

BOOST_AUTO_TEST_CASE(every_record_is_found_in_a_tree_of_any_depth) {
  temporary_directory place;
  table t{place.path};
  BOOST_TEST(t.find({0, 1, 2}) == 0u);
  std::mt19937 random{1};
  for (const unsigned depth : {1, 2, 3, 4}) {
    while (t.depth() < depth) t.append(values(random, 1 + random() % 3'000, 60, 900));
    BOOST_TEST(t.find(all_of(t)) == t.head());
  }
}

BOOST_AUTO_TEST_CASE(what_is_not_there_is_not_found_and_what_lies_elsewhere_is_left_to_lmdb) {
  temporary_directory place;
  table t{place.path};
  std::mt19937 random{2};
  for (int i = 0; i < 50; ++i) {
    t.append(values(random, 100, 50, 200));
    t.append(values(random, 1, 5'000, 9'000));  // stored on overflow pages
  }
  BOOST_TEST(t.find(all_of(t)) == t.head() - 50);
  BOOST_TEST(t.find({0, t.head() + 1, t.head() + 1'000'000, ~position{0}}) == 0u);
}

BOOST_AUTO_TEST_CASE(sizes_that_change_along_the_log_mislead_nobody) {
  temporary_directory place;
  table t{place.path};
  std::mt19937 random{3};
  t.append(values(random, 3'000, 900, 1'500));
  t.append(values(random, 40'000, 8, 20));
  t.append(values(random, 3'000, 900, 1'500));
  auto keys = all_of(t);
  std::shuffle(keys.begin(), keys.end(), random);
  BOOST_TEST(t.find(keys) == t.head());
}

BOOST_AUTO_TEST_CASE(leaves_that_were_found_are_known_but_the_last_one_which_changes) {
  temporary_directory place;
  table t{place.path};
  std::mt19937 random{4};
  for (int i = 0; i < 100; ++i) {
    t.append(values(random, 1 + random() % 200, 60, 300));
    BOOST_TEST(t.find(all_of(t)) == t.head());
    BOOST_TEST(t.leaves().find(t.head()).page == 0u);
  }
  for (position p = 1; p + 100 < t.head(); ++p) BOOST_TEST_REQUIRE(t.leaves().find(p).page != 0u);
}

BOOST_AUTO_TEST_CASE(leaves_with_few_records_are_walked_to) {
  temporary_directory place;
  table t{place.path};
  std::mt19937 random{5};
  t.append(values(random, 3'000, 600, 1'900));
  BOOST_TEST(t.find(all_of(t)) == t.head());
  BOOST_TEST(t.find(all_of(t)) == t.head());
}

BOOST_AUTO_TEST_CASE(a_place_that_is_wrong_misleads_nobody) {
  temporary_directory place;
  table t{place.path};
  std::mt19937 random{6};
  t.append(values(random, 20'000, 60, 300));
  BOOST_TEST(t.find(all_of(t)) == t.head());
  for (int i = 0; i < 500; ++i) {
    const position first = 1 + random() % t.head();
    const std::uint64_t page = random() % 3 ? random() % 1'000 : random();  // also the tree's upper ones, and behind the file
    t.leaves().add(page, first, first + 1 + random() % 60);
  }
  const auto found = t.find(all_of(t));  // finds nothing wrong
  BOOST_TEST(found < t.head());
  BOOST_TEST(found > t.head() / 4);
}

BOOST_AUTO_TEST_CASE(readers_find_what_is_there_while_more_is_appended) {
  temporary_directory place;
  table t{place.path};
  std::mt19937 random{8};
  t.append(values(random, 2'000, 60, 300));
  std::atomic<position> head{t.head()};
  std::atomic<std::size_t> missed{0}, wrong{0};
  std::vector<std::thread> readers;
  for (unsigned seed = 0; seed < 3; ++seed)
    readers.emplace_back([&, seed] {
      std::mt19937 own{seed};
      for (int round = 0; round < 300; ++round) {
        std::vector<position> keys(50);
        const position last = head;
        for (auto& key : keys) key = last - own() % (own() % 2 ? 100 : last);
        const auto all = t.look_for(keys, ~std::size_t{0});
        missed += keys.size() - all.found;  // some may be elsewhere: a newer transaction replaced the leaf that was the last one
        wrong += all.wrong;
      }
    });
  for (int i = 0; i < 200; ++i) {
    t.append(values(random, 1 + random() % 100, 60, 300));
    head = t.head();
  }
  for (auto& one : readers) one.join();
  BOOST_TEST(missed == 0u);
  BOOST_TEST(wrong == 0u);
}

BOOST_AUTO_TEST_CASE(one_reader_stops_where_it_likes) {
  temporary_directory place;
  table t{place.path};
  std::mt19937 random{7};
  t.append(values(random, 1'000, 60, 300));
  for (const std::size_t most : {1, 7, 8, 9, 40}) BOOST_TEST(t.find(all_of(t), most) == most);
}

BOOST_AUTO_TEST_SUITE_END()
