#include "connectors/kafka/slots.hpp"

#include <rapidcheck.h>
#include <boost/test/unit_test.hpp>

#include <map>
#include <memory>
#include <set>
#include <vector>

BOOST_AUTO_TEST_SUITE(kafka_slots)

BOOST_AUTO_TEST_CASE(a_number_finds_what_it_was_given_for_and_nothing_later) {
  BOOST_TEST(rc::check([](const std::vector<bool>& removals) {
    annals::kafka::slots<int> all;
    std::map<std::uint64_t, int> wanted;
    std::set<std::uint64_t> given{0};
    int next = 0;
    for (const bool is_removal : removals) {
      if (is_removal && !wanted.empty()) {
        const auto one = std::next(wanted.begin(), *rc::gen::inRange<std::ptrdiff_t>(0, static_cast<std::ptrdiff_t>(wanted.size())));
        all.remove(one->first);
        all.remove(one->first);  // a second time does nothing
        wanted.erase(one);
      } else {
        auto [number, what] = all.add();
        RC_ASSERT(given.insert(number).second);
        what = wanted[number] = ++next;
      }
      RC_ASSERT(all.size() == wanted.size());
      for (const auto number : given) {
        const auto* const found = all.find(number);
        RC_ASSERT((found != nullptr) == wanted.contains(number));
        if (found != nullptr) RC_ASSERT(*found == wanted[number]);
      }
      std::map<std::uint64_t, int> seen;
      all.each([&](std::uint64_t number, int what) { seen[number] = what; });
      RC_ASSERT(seen == wanted);
    }
  }));
}

BOOST_AUTO_TEST_CASE(clear_ends_everything_and_uses_no_number_again) {
  annals::kafka::slots<std::shared_ptr<int>> all;
  const auto held = std::make_shared<int>(1);
  auto [before, what] = all.add();
  what = held;
  all.clear();
  BOOST_TEST(held.use_count() == 1);
  BOOST_TEST(all.empty());
  const auto after = all.add().first;
  BOOST_TEST((before != after));
  BOOST_TEST(all.find(before) == nullptr);
  BOOST_TEST(all.find(after) != nullptr);
}

BOOST_AUTO_TEST_SUITE_END()
