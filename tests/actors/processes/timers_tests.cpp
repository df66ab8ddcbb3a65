// When timers fire, in any order of times, heads and answers: against the rules, kept the slow way.
#include "actors/processes/timers.hpp"
#include "support/relay.hpp"

#include <rapidcheck.h>
#include <boost/test/unit_test.hpp>

using namespace annals;
using namespace annals::actors;

namespace {

const auto timers_table = detail::table_of_process<world::relay>();

struct timers_rig {
  parking parked{failure_policy{}};
  actors::timers timers{timers_table, 1, parked};
  struct one {
    std::string instance;
    version set = 0;
    timestamp due = 0;
    std::optional<position> due_head;
    std::uint64_t number = 0;
    bool has_fired = false;
  };
  std::map<position, one> open;
  std::map<std::string, version> versions;
  position head = 0;
  timestamp now = 1'000'000;

  record_view record(const std::string& instance) {
    record_view made;
    made.at = ++head;
    made.stream = instance;
    made.version = ++versions[instance];
    return made;
  }
  void set(const std::string& instance, timestamp in) {
    const auto r = record(instance);
    timers.follow(r, detail::timer_set{"reminder", now + in, {}}, now, now);
    open.emplace(head, one{instance, r.version, now + in, {}});
  }
  void tick(position observed, bool is_sending_again) {
    for (auto& [at, one] : open)
      if (one.due <= now && !one.due_head) one.due_head = head;
    timers.tick(now, observed, head, is_sending_again);
    std::set<position> fires;
    while (auto made = timers.next({})) {
      const auto told = decoded<detail::fire_timer>(made->what.body).value();
      const auto found =
          std::find_if(open.begin(), open.end(), [&](const auto& o) { return o.second.instance == made->what.stream && o.second.set == told.set; });
      RC_ASSERT(found != open.end());
      RC_ASSERT(found->second.number == 0u);
      fires.insert(found->first);
      found->second.number = made->what.reply.number;
    }
    for (const auto& [at, one] : open) {
      const bool may = one.due_head && observed >= *one.due_head && !is_sending_again;
      if (fires.contains(at)) RC_ASSERT(may || one.has_fired);  // one that was lost fires again at once
      if (may) RC_ASSERT(one.number != 0u);
    }
    for (const auto at : fires) open.at(at).has_fired = true;
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(timers_of_processes)

BOOST_AUTO_TEST_CASE(a_timer_fires_when_it_is_due_and_what_came_before_is_observed) {
  BOOST_TEST(rc::check([] {
    timers_rig r;
    const auto steps = *rc::gen::inRange(1, 100);
    for (int i = 0; i < steps; ++i) {
      r.now += *rc::gen::inRange(0, 3);
      const auto what = *rc::gen::inRange(0, 6);
      const auto instance = "relay-" + std::to_string(*rc::gen::inRange(0, 3));
      std::vector<position> firing;
      for (const auto& [at, one] : r.open)
        if (one.number != 0) firing.push_back(at);
      if (what < 2) {
        r.set(instance, *rc::gen::inRange(0, 5));
      } else if (what == 2) {
        r.timers.follow(r.record(instance), detail::timers_cancelled{"reminder"});
        std::erase_if(r.open, [&](const auto& one) { return one.second.instance == instance; });
      } else if (what == 3 && !firing.empty()) {  // the instance has taken it
        const auto at = *rc::gen::elementOf(firing);
        answer done;
        done.number = r.open.at(at).number;
        RC_ASSERT(!r.timers.answered(done, r.now).stop);
        r.open.erase(at);
      } else if (what == 4 && !firing.empty()) {  // its record comes before its answer
        const auto at = *rc::gen::elementOf(firing);
        const auto gone = r.open.at(at);
        r.timers.follow(r.record(gone.instance), detail::timer_fired{gone.set});
        r.open.erase(at);
        answer late;
        late.number = gone.number;
        RC_ASSERT(!r.timers.answered(late, r.now).stop);
      } else if (what == 5 && !firing.empty()) {  // lost: it fires again
        const auto at = *rc::gen::elementOf(firing);
        answer lost;
        lost.number = std::exchange(r.open.at(at).number, 0);
        lost.refused = std::make_shared<const error>(error{errc::unknown, "lost", {}});
        RC_ASSERT(!r.timers.answered(lost, r.now).stop);
      }
      r.tick(r.head - *rc::gen::inRange<position>(0, std::min<position>(r.head, 3) + 1), *rc::gen::inRange(0, 4) == 0);
      std::vector<position> open;
      for (const auto& [at, one] : r.open) open.push_back(at);
      RC_ASSERT(r.timers.open() == open);
      std::optional<timestamp> next;
      for (const auto& [at, one] : r.open)
        if (!one.due_head && one.number == 0) next = next ? std::min(*next, one.due) : one.due;
      RC_ASSERT(r.timers.next_due() == next);
    }
  }));
}

BOOST_AUTO_TEST_SUITE_END()
