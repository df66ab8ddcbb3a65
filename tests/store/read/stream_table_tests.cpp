#include "store/read/index_tail.hpp"
#include "store/read/stream_table.hpp"

#include <rapidcheck.h>
#include <boost/test/unit_test.hpp>

#include <list>
#include <map>
#include <string>
#include <utility>

using namespace annals::store;

namespace {
struct thing {
  std::uint64_t hash;
  std::string stream;
};
}  // namespace

BOOST_AUTO_TEST_SUITE(stream_table_and_open_tail)

// Few hashes, so that many things share a place, including one at the table's end.
BOOST_AUTO_TEST_CASE(what_is_there_is_found_whatever_came_and_went) {
  BOOST_TEST(rc::check([] {
    stream_table<thing> table;
    std::list<thing> there;
    for (int steps = *rc::gen::inRange(0, 400); steps > 0; --steps) {
      const auto n = *rc::gen::inRange<std::uint64_t>(0, 100);
      const thing one{(~std::uint64_t{0} - n % 5) << 56, "a-" + std::to_string(n)};
      const auto known = std::find_if(there.begin(), there.end(), [&](const thing& t) { return t.stream == one.stream; });
      RC_ASSERT(table.find(one.hash, one.stream) == (known == there.end() ? nullptr : &*known));
      if (known == there.end()) {
        there.push_back(one);
        table.insert(there.back());
      } else {
        table.erase(*known);
        there.erase(known);
      }
      RC_ASSERT(table.size() == there.size());
    }
    for (auto& t : there) RC_ASSERT(table.find(t.hash, t.stream) == &t);
    table.clear();
    for (auto& t : there) RC_ASSERT(table.find(t.hash, t.stream) == nullptr);
  }));
}

// Values of XXH3_64bits() of libxxhash 0.8.1. Nodes and later partitions go by them, so they must not change.
BOOST_AUTO_TEST_CASE(the_hash_of_a_stream_is_what_it_was) {
  const std::pair<std::string, std::uint64_t> golden[] = {{"", 0x2d06800538d394c2},
                                                          {"a-1", 0x38f760f4187037a0},
                                                          {"account-42", 0xfe916896f1b4ecbf},
                                                          {"order-7f3a", 0x8269ac94832e0b3e},
                                                          {"fulfilment-\xc3\xa9t\xc3\xa9", 0x8b23096b44c003bf},
                                                          {std::string(255, 'x'), 0x2be953982ac8bd9d}};
  for (const auto& [stream, hash] : golden) BOOST_TEST(hash_of_stream(stream) == hash, stream);
}

BOOST_AUTO_TEST_CASE(any_part_of_a_run_is_what_was_added) {
  BOOST_TEST(rc::check([] {
    open_tail tail;
    for (int rounds = 0; rounds < 2; ++rounds) {
      std::map<std::string, std::vector<annals::position>> added;
      const auto records = *rc::gen::inRange<annals::position>(1, 200);
      for (annals::position at = 1; at <= records; ++at) {
        const auto stream = "a-" + std::to_string(*rc::gen::inRange(0, 6));
        const auto hash = hash_of_stream(stream);
        if (auto* run = tail.find(hash, stream))
          tail.add(*run, at);
        else
          tail.begin(hash, stream, 3, at);
        added[stream].push_back(at);
      }
      for (const auto& [stream, positions] : added) {
        const auto* run = tail.find(hash_of_stream(stream), stream);
        const auto skip = *rc::gen::inRange<std::size_t>(0, positions.size() + 1);
        const auto many = *rc::gen::inRange<std::size_t>(0, positions.size() - skip + 1);
        std::vector<annals::position> found{7};
        run->copy(skip, many, found);
        RC_ASSERT(run->count == positions.size());
        RC_ASSERT(std::equal(found.begin() + 1, found.end(), positions.begin() + skip, positions.begin() + skip + many));
      }
      RC_ASSERT(tail.records() == records);
      const auto closed = tail.close({records, 5});
      RC_ASSERT(closed->runs.size() == added.size());
      RC_ASSERT(std::is_sorted(closed->runs.begin(), closed->runs.end(), [](auto& a, auto& b) { return a.stream < b.stream; }));
      for (const auto& [stream, positions] : added) {
        const auto* run = closed->find(stream);
        RC_ASSERT(run && run->first == 3u);
        RC_ASSERT(std::equal(run->positions.begin(), run->positions.end(), positions.begin(), positions.end()));
      }
      RC_ASSERT(!closed->find("b"));
      RC_ASSERT(!tail.find(hash_of_stream("a-0"), "a-0"));
    }
  }));
}

BOOST_AUTO_TEST_SUITE_END()
