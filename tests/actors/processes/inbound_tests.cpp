// What an inbound hands to instances, in any order of records and answers: against the rules, kept the slow way.
#include "actors/processes/inbound.hpp"
#include "support/repeating.hpp"

#include <rapidcheck.h>
#include <boost/test/unit_test.hpp>

using namespace annals;
using namespace annals::actors;

namespace {

/// The first character of a note is its instance's key; no other event is observed.
const auto inbound_table = detail::table_of_process<world::repeating>();

struct inbound_rig {
  parking parked{failure_policy{}};
  inbound in{inbound_table, 1, parked};
  std::map<position, std::string> waiting;  // by position: the instance
  std::map<position, std::uint64_t> asked;  // by position: the newest number
  position head = 0;
  int now = 0;

  inbound::time_point time() const { return inbound::time_point{std::chrono::seconds{now}}; }

  void add(const std::string& text) {
    const auto payload = encoded(world::noted{text});
    record_view r;
    r.at = ++head;
    r.stream = "counter-a";
    r.version = head;
    r.type = "noted";
    r.payload = payload;
    RC_ASSERT(in.follow(r, now).has_value());
    waiting.emplace(head, "repeating-" + text.substr(0, 1));
  }

  void send_all() {
    while (auto made = in.next(time())) {
      RC_ASSERT(!made->refused);
      const auto told = decoded<detail::observe>(made->what.body).value();
      RC_ASSERT(waiting.at(told.at) == made->what.stream);
      for (const auto& [at, instance] : waiting)  // the first of its instance
        if (instance == made->what.stream) {
          RC_ASSERT(at == told.at);
          break;
        }
      asked[told.at] = made->what.reply.number;
    }
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(inbounds)

BOOST_AUTO_TEST_CASE(each_instance_observes_in_order_one_at_a_time) {
  BOOST_TEST(rc::check([] {
    inbound_rig r;
    const auto steps = *rc::gen::inRange(1, 120);
    for (int i = 0; i < steps; ++i) {
      ++r.now;
      const auto what = *rc::gen::inRange(0, 5);
      if (what < 2 || r.asked.empty()) {
        r.add(std::string(1, static_cast<char>('a' + *rc::gen::inRange(0, 4))) + " more");
      } else if (what == 2) {
        const auto [at, number] = *rc::gen::elementOf(std::vector<std::pair<position, std::uint64_t>>{r.asked.begin(), r.asked.end()});
        answer done;
        done.number = number;
        RC_ASSERT(!r.in.answered(done, r.now).stop);
        r.asked.erase(at);
        r.waiting.erase(at);
      } else if (what == 3) {  // lost by its instance: again
        const auto [at, number] = *rc::gen::elementOf(std::vector<std::pair<position, std::uint64_t>>{r.asked.begin(), r.asked.end()});
        answer lost;
        lost.number = number;
        lost.refused = std::make_shared<const error>(error{errc::unknown, "lost", {}});
        r.asked.erase(at);
        RC_ASSERT(!r.in.answered(lost, r.now).stop);
      } else {  // no answer: again, and what comes under the old numbers is nobody's
        const auto before = r.asked;
        r.in.resend(r.time() + std::chrono::seconds{1});
        r.send_all();
        for (const auto& [at, number] : before) {
          answer late;
          late.number = number;
          (void)r.in.answered(late, r.now);
        }
      }
      r.send_all();
      std::set<std::string> instances;
      for (const auto& [at, instance] : r.waiting) instances.insert(instance);
      RC_ASSERT(r.asked.size() == instances.size());
      RC_ASSERT(r.in.under_way() == r.waiting.size());
      RC_ASSERT(r.in.reached(r.head) == (r.waiting.empty() ? r.head : r.waiting.begin()->first - 1));
      RC_ASSERT(r.in.checkpoint(r.head) == r.in.reached(r.head));
    }
  }));
}

BOOST_AUTO_TEST_CASE(an_input_that_fails_is_paused_and_then_parked_with_what_follows_it) {
  inbound_rig r;
  r.add("a one");
  r.add("a two");
  const auto fails = [&](position at) {
    answer failed;
    failed.number = r.asked.at(at);
    failed.refused = std::make_shared<const error>(error{errc::decide_failed, "it threw", {}});
    return r.in.answered(failed, r.now);
  };
  r.send_all();
  auto last = std::chrono::milliseconds{0};
  for (std::uint32_t attempt = 1; attempt < failure_policy{}.attempts; ++attempt) {
    const auto then = fails(1);
    BOOST_TEST_REQUIRE(then.pause.has_value());
    BOOST_TEST((*then.pause > last));
    last = *then.pause;
    BOOST_TEST(!r.in.next(r.time()).has_value());
    r.in.again(1);
    r.send_all();
  }
  const auto then = fails(1);
  BOOST_TEST(!then.pause.has_value());
  BOOST_TEST(!then.stop.has_value());
  BOOST_TEST(r.in.under_way() == 0u);
  BOOST_TEST((r.in.open() == std::vector<position>{1, 2}));
  BOOST_TEST(r.in.reached(2) == 2u);
  BOOST_TEST(r.in.checkpoint(2) == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
