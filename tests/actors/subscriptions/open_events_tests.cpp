// Who may have which event next, and what is done with: against the plainest models there are.
#include "actors/subscriptions/open_events.hpp"
#include "actors/subscriptions/settled_positions.hpp"

#include <annals/result.hpp>

#include <rapidcheck.h>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

using namespace annals;
using namespace annals::actors;

namespace {

open_events::time_point at_time(int t) { return open_events::time_point{std::chrono::seconds{t}}; }

/// The rules, kept the slow way.
struct plain_events {
  struct one {
    std::string stream;
    member_id holder = 0;
    int held_until = -1;  // of a pause
    int due = 0;          // of the holder
    int turn = 0;
  };
  std::map<position, one> all;
  int turns = 0;

  /// What this member may have now: the lowest of each stream that is not held by another.
  std::optional<position> next_for(member_id who) const {
    for (const auto& [at, what] : all) {
      if (what.holder != 0) continue;
      bool may = true;
      for (const auto& [other, o] : all) {
        if (o.stream != what.stream) continue;
        if (o.holder != 0 && o.holder != who) may = false;
        if (o.held_until >= 0) may = false;
        if (other < at && o.holder == 0) may = false;
      }
      if (may) return at;
    }
    return std::nullopt;
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(open_events_and_settled_positions)

BOOST_AUTO_TEST_CASE(any_run_deals_as_the_rules_say) {
  BOOST_TEST(rc::check([] {
    open_events events;
    plain_events plain;
    std::set<member_id> members;
    member_id last = 0;
    position next = 0;
    std::set<position> left_out;
    int now = 0;
    const auto join = [&] { events.join(++last), members.insert(last); };
    join(), join();
    for (auto steps = *rc::gen::inRange(1, 120); steps > 0; --steps) {
      const auto who = *std::next(members.begin(), static_cast<std::ptrdiff_t>(*rc::gen::inRange<std::size_t>(0, members.size())));
      const auto some = [&]() -> std::optional<position> {
        if (plain.all.empty()) return std::nullopt;
        return std::next(plain.all.begin(), static_cast<std::ptrdiff_t>(*rc::gen::inRange<std::size_t>(0, plain.all.size())))->first;
      };
      switch (*rc::gen::inRange(0, 9)) {
        case 0:
        case 1:
        case 2: {
          const auto stream = std::string(1, static_cast<char>('a' + *rc::gen::inRange(0, 4)));
          auto at = ++next;
          if (*rc::gen::inRange(0, 3) == 0)
            left_out.insert(at);  // parked, say, and opened later
          else if (!left_out.empty() && *rc::gen::inRange(0, 2) == 0)
            at = left_out.extract(left_out.begin()).value();
          if (left_out.contains(at)) break;
          events.add(at, stream);
          plain.all.emplace(at, plain_events::one{stream});
          break;
        }
        case 3:
        case 4: {
          const auto expected = plain.next_for(who);
          RC_ASSERT(events.has_for(who) == expected.has_value());
          if (!expected) break;
          const auto due = now + *rc::gen::inRange(1, 9);
          RC_ASSERT(events.take(who, at_time(due)) == *expected);
          if (*rc::gen::inRange(0, 3) == 0) {
            events.take_back(*expected);
            break;
          }
          auto& what = plain.all.at(*expected);
          what.holder = who;
          what.due = due;
          what.turn = ++plain.turns;
          break;
        }
        case 5:
          if (const auto at = some()) {
            events.remove(*at);
            plain.all.erase(*at);
          }
          break;
        case 6:
          if (const auto at = some(); at && plain.all.at(*at).holder != 0) {
            const auto until = now + *rc::gen::inRange(1, 9);
            events.hold(*at, at_time(until));
            auto& held = plain.all.at(*at);
            for (auto& [other, o] : plain.all)
              if (o.stream == held.stream && o.holder != 0 && o.turn > held.turn) o.holder = 0;
            held.holder = 0;
            held.held_until = until;
          }
          break;
        case 7:
          if (members.size() > 1) {
            events.leave(who);
            members.erase(who);
            for (auto& [at, o] : plain.all)
              if (o.holder == who) o.holder = 0;
          }
          join();
          break;
        default: {
          now += *rc::gen::inRange(0, 6);
          std::set<position> late, expected;
          while (const auto at = events.take_overdue(at_time(now))) late.insert(*at);
          for (auto& [at, o] : plain.all) {
            if (o.holder != 0 && o.due <= now && o.due != 0) expected.insert(at), o.due = 0;
            if (o.holder == 0 && o.held_until >= 0 && o.held_until <= now) o.held_until = -1;
          }
          RC_ASSERT(late == expected);
        }
      }
      std::size_t held = 0;
      std::optional<int> next_due;
      for (const auto& [at, o] : plain.all) {
        held += o.holder != 0;
        RC_ASSERT(events.holder(at) == (o.holder != 0 ? std::optional{o.holder} : std::nullopt));
        RC_ASSERT(events.stream_of(at) == o.stream);
        std::vector<position> later;
        for (auto one = plain.all.upper_bound(at); one != plain.all.end(); ++one)
          if (one->second.stream == o.stream) later.push_back(one->first);
        RC_ASSERT(events.later_in_stream(at) == later);
        if (o.holder != 0 && o.due != 0) next_due = std::min(next_due.value_or(o.due), o.due);
        if (o.holder == 0 && o.held_until >= 0) next_due = std::min(next_due.value_or(o.held_until), o.held_until);
      }
      RC_ASSERT(events.next_due() == (next_due ? std::optional{at_time(*next_due)} : std::nullopt));
      RC_ASSERT(events.held() == held);
      RC_ASSERT(events.size() == plain.all.size());
      for (const auto one : members) RC_ASSERT(events.has_for(one) == plain.next_for(one).has_value());
    }
  }));
}

BOOST_AUTO_TEST_CASE(many_streams_come_and_go) {
  open_events events;
  events.join(1), events.join(2);
  position next = 0, taken = 0;
  for (int round = 0; round < 200; ++round) {
    for (int i = 0; i < 100; ++i) {
      ++next;
      events.add(next, "stream-" + std::to_string(round % 3 == 0 ? i : static_cast<int>(next)));
    }
    for (int i = 0; i < 100; ++i) BOOST_REQUIRE(events.take(1, at_time(round)) == ++taken);
    events.hold(taken, at_time(round));  // and nothing of its stream before it is over
    BOOST_REQUIRE(!events.has_for(2));
    BOOST_REQUIRE(!events.take_overdue(at_time(round - 1)).has_value());
    for (int i = 0; i < 100; ++i) events.remove(taken - static_cast<position>(i));
    BOOST_REQUIRE(events.size() == 0u);
    BOOST_REQUIRE(!events.next_due().has_value());
  }
  BOOST_TEST(!events.has_for(1));
  BOOST_TEST(events.held() == 0u);
}

BOOST_AUTO_TEST_CASE(settled_positions_are_a_set_and_come_back_from_their_runs) {
  BOOST_TEST(rc::check([] {
    const auto low = *rc::gen::inRange<position>(0, 5);
    settled_positions settled{low};
    std::set<position> plain;
    for (position at = 1; at <= low; ++at) plain.insert(at);
    for (auto steps = *rc::gen::inRange(0, 60); steps > 0; --steps) {
      const auto at = *rc::gen::inRange<position>(1, 50);
      settled.add(at);
      plain.insert(at);
      const auto back = settled_positions::of(settled.low(), settled.runs()).value();
      position first_open = 1;
      while (plain.contains(first_open)) ++first_open;
      RC_ASSERT(settled.low() == first_open - 1);
      RC_ASSERT(settled.high() == *plain.rbegin());
      for (position p = 1; p < 55; ++p) {
        RC_ASSERT(settled.contains(p) == plain.contains(p));
        RC_ASSERT(back.contains(p) == plain.contains(p));
        auto open = p;
        while (plain.contains(open)) ++open;
        RC_ASSERT(settled.next_open(p) == open);
      }
    }
  }));
}

BOOST_AUTO_TEST_CASE(runs_that_are_none_are_refused) {
  using runs = std::vector<std::uint64_t>;
  for (const auto& bad : {runs{1}, runs{0, 1}, runs{1, 0}, runs{~std::uint64_t{0}, 1}, runs{1, ~std::uint64_t{0}}, runs{1, 2, 3}})
    BOOST_TEST(!settled_positions::of(5, bad).has_value());
  BOOST_TEST(settled_positions::of(5, {}).value().low() == 5u);
}

BOOST_AUTO_TEST_SUITE_END()
