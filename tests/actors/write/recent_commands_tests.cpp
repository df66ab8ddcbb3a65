// What an aggregate remembers of its commands, against a plain list that forgets nothing.
#include "actors/write/recent_commands.hpp"

#include <rapidcheck.h>
#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

using namespace annals;
using actors::recent_commands;

namespace {
std::string id(std::uint64_t number) { return "command-" + std::to_string(number); }
}  // namespace

BOOST_AUTO_TEST_SUITE(recent_commands_of_an_aggregate)

BOOST_AUTO_TEST_CASE(are_found_with_their_fingerprint_and_version) {
  recent_commands recent;
  for (std::uint64_t n = 0; n < 1'000; ++n) {
    BOOST_TEST(recent.find(id(n)) == nullptr);
    recent.remember(id(n), n * 7, n + 1);
  }
  for (std::uint64_t n = 0; n < 1'000; ++n) {
    const auto* found = recent.find(id(n));
    BOOST_TEST_REQUIRE(found != nullptr);
    BOOST_TEST(found->fingerprint == n * 7);
    BOOST_TEST(found->version == n + 1);
  }
}

BOOST_AUTO_TEST_CASE(the_last_hundred_stay_however_old_they_are) {
  recent_commands recent;
  for (std::uint64_t n = 0; n < 300; ++n) recent.remember(id(n), n, n + 1);
  recent.fenced(recent.count(), 300);
  recent.fenced(recent.count(), 100 * recent_commands::window);
  for (std::uint64_t n = 200; n < 300; ++n) BOOST_TEST(recent.find(id(n)) != nullptr);
}

/// Whatever is sent and fenced, in whatever order: what is not forgotten is found, and what is forgotten lies at or
/// below `forgotten()`, with a hundred behind it, and far behind the head.
BOOST_AUTO_TEST_CASE(forget_only_what_is_old_enough) {
  const bool holds = rc::check([] {
    recent_commands recent;
    std::vector<position> at;  // of each command
    position head = 0;
    for (auto rounds = *rc::gen::inRange(1, 40); rounds > 0; --rounds) {
      for (auto n = *rc::gen::inRange(0, 120); n > 0; --n) {
        at.push_back(head += static_cast<position>(*rc::gen::inRange(1, 4'000)));
        recent.remember(id(at.size() - 1), at.size(), at.size());
      }
      if (*rc::gen::inRange(0, 2)) recent.fenced(at.size(), head);
      if (*rc::gen::inRange(0, 4) == 0) head += recent_commands::window;
    }
    for (std::size_t n = 0; n < at.size(); ++n) {
      if (const auto* found = recent.find(id(n)))
        RC_ASSERT(found->fingerprint == n + 1);
      else {
        RC_ASSERT(at[n] <= recent.forgotten());
        RC_ASSERT(at[n] + recent_commands::window <= head);
        RC_ASSERT(n + recent_commands::remembered_min < at.size());
      }
    }
    RC_ASSERT(recent.find("another") == nullptr);
  });
  BOOST_TEST(holds);
}

BOOST_AUTO_TEST_CASE(forget_so_that_memory_is_bounded) {
  recent_commands recent;
  for (std::uint64_t n = 0; n < 1'000'000; ++n) {
    recent.remember(id(n), n, n + 1);
    if (recent.wants_fence()) recent.fenced(recent.count(), (n + 1) * 1'000);
  }
  BOOST_TEST(recent.size() < 500u);
}

BOOST_AUTO_TEST_SUITE_END()
