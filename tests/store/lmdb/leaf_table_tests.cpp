// The table of known leaves.
#include "store/lmdb/leaf_table.hpp"

#include <boost/test/unit_test.hpp>

#include <random>
#include <thread>
#include <vector>

using namespace annals;
using namespace annals::store;

namespace {

bool is_at(const leaf_table& leaves, position at, std::uint64_t page, std::uint64_t index) {
  const auto found = leaves.find(at);
  return found.page == page && found.index == index;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(known_leaves)

BOOST_AUTO_TEST_CASE(all_positions_of_a_leaf_lead_to_it_and_no_others) {
  for (position first = 1; first < 40; ++first)
    for (const position count : {8, 9, 15, 16, 30, 58, 1'000}) {
      leaf_table leaves;
      leaves.add(7, first, first + count);
      for (position at = 0; at < first + count + 40; ++at) {
        const bool inside = at >= first && at < first + count;
        BOOST_TEST_REQUIRE(is_at(leaves, at, inside ? 7 : 0, inside ? at - first : 0));
      }
    }
}

BOOST_AUTO_TEST_CASE(leaves_side_by_side_have_each_its_own) {
  leaf_table leaves;
  std::mt19937 random{1};
  std::vector<position> begins{1};
  while (begins.size() < 5'000) {
    begins.push_back(begins.back() + leaf_table::block + random() % 50);
    leaves.add(begins.size(), begins[begins.size() - 2], begins.back());
  }
  for (std::size_t leaf = 1; leaf < begins.size(); ++leaf)
    for (auto at = begins[leaf - 1]; at < begins[leaf]; ++at) BOOST_TEST_REQUIRE(is_at(leaves, at, leaf + 1, at - begins[leaf - 1]));
}

BOOST_AUTO_TEST_CASE(a_leaf_with_fewer_positions_than_a_block_is_found_or_not_known) {
  for (position first = 1; first < 20; ++first) {
    leaf_table leaves;
    leaves.add(7, first, first + 3);
    for (position at = 0; at < 40; ++at) {
      const bool inside = at >= first && at < first + 3;
      BOOST_TEST_REQUIRE((leaves.find(at).page == 0 || (inside && is_at(leaves, at, 7, at - first))));
    }
  }
}

BOOST_AUTO_TEST_CASE(blocks_far_apart_take_turns_in_one_entry) {
  leaf_table leaves;
  const position far = leaf_table::entries * leaf_table::block;
  leaves.add(7, 160, 200);
  BOOST_TEST(leaves.find(far + 170).page == 0u);
  leaves.add(9, far + 160, far + 200);
  BOOST_TEST(is_at(leaves, far + 170, 9, 10));
  BOOST_TEST(leaves.find(170).page == 0u);
}

BOOST_AUTO_TEST_CASE(what_an_entry_cannot_say_is_not_known) {
  leaf_table leaves;
  leaves.add((std::uint64_t{1} << 32) + 7, 160, 200);
  leaves.add(7, 1'600, 1'600 + 1'024);
  for (position at = 0; at < 3'000; ++at) BOOST_TEST_REQUIRE(leaves.find(at).page == 0u);
  leaves.add(0xffff'ffff, 160, 160 + 1'023);
  BOOST_TEST(is_at(leaves, 160 + 1'022, 0xffff'ffff, 1'022));
}

BOOST_AUTO_TEST_CASE(threads_read_and_add_at_once) {
  leaf_table leaves;
  std::vector<std::thread> all;
  std::atomic<std::size_t> wrong{0};
  for (int i = 0; i < 4; ++i)
    all.emplace_back([&] {
      for (std::uint64_t leaf = 1; leaf < 20'000; ++leaf) {
        leaves.add(leaf, leaf * 30, leaf * 30 + 30);
        const auto found = leaves.find(leaf * 30 + 29);
        wrong += found.page != leaf || found.index != 29;
      }
    });
  for (auto& one : all) one.join();
  BOOST_TEST(wrong == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
