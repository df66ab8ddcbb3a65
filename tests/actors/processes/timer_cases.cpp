// Case 32: a timer that comes when its instance has gone on meanwhile. The instance decides with the state as it is then, and
// that state has in it whatever was in the log when the timer was due.
#include "store/log/record.hpp"
#include "support/memory_engine.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>

using namespace annals;
using namespace std::chrono_literals;

namespace {

struct wait_begun {
  static constexpr auto about = describe("wait_begun", 1);
};
struct wait_ended {
  static constexpr auto about = describe("wait_ended", 1);
};
struct overdue {
  static constexpr auto about = describe("overdue", 1);
};

/// From the first addition it waits an hour for a note; when none comes, it adds a thousand to the counter "late".
struct awaiting {
  static constexpr std::string_view category = "awaiting";
  using observes = types<world::counter>;
  using events = types<wait_begun, wait_ended>;
  using timers = types<overdue>;
  struct state {
    bool waits = false;
    bool has_ended = false;
  };
  static std::optional<std::string> key(const world::added& e) { return e.amount == 1 ? std::optional<std::string>{"it"} : std::nullopt; }
  static std::optional<std::string> key(const world::noted&) { return "it"; }
  static steps<awaiting> on(const state& s, const world::added&, const context&) {
    if (s.waits) return {};
    return {wait_begun{}, after(1h, overdue{})};
  }
  static steps<awaiting> on(const state&, const world::noted&, const context&) { return wait_ended{}; }
  static steps<awaiting> on(const state& s, const overdue&, const context&) {
    if (s.has_ended) return {};
    return annals::send<world::counter>("late", world::add{1'000});
  }
  static void evolve(state& s, const wait_begun&) { s.waits = true; }
  static void evolve(state& s, const wait_ended&) { s.has_ended = true; }
};

constexpr timestamp at_first = 1'000'000;

void host_awaiting(detail::engine& e) { e.add(detail::table_of_process<awaiting>()).value(); }

std::size_t count(const memory_engine& e, std::string_view type) {
  std::size_t found = 0;
  store::read_limits all;
  all.records_max = all.bytes_max = ~std::size_t{0};
  (void)e.log->read(1, all, [&](const record_view& record) { return found += record.type == type, true; });
  return found;
}
void wait_until_fired(memory_engine& e) {
  wait_until([&] { return count(e, detail::timer_fired::about.name) > 0; });
  e.engine->settle(60s).value();
}
void add_one(memory_engine& e) {
  e.send("x", world::add{1}).value();
  e.engine->settle(60s).value();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(late_timers)

BOOST_AUTO_TEST_CASE(one_that_nothing_has_overtaken_does_what_it_was_set_for) {
  memory_store store;
  memory_engine e{store, memory_engine::quiet(), host_awaiting, at_first};
  add_one(e);
  e.now = at_first + hour;
  wait_until_fired(e);
  BOOST_TEST(e.sum("late", e.engine->head()) == 1'000);
}

BOOST_AUTO_TEST_CASE(case_32_a_late_timer_finds_the_state_that_has_moved_on_and_is_ignored) {
  memory_store store;
  {
    memory_engine e{store, memory_engine::quiet(), host_awaiting, at_first};
    add_one(e);
    e.send("x", world::note{"here it is"}).value();
    e.engine->settle(60s).value();
    BOOST_TEST(count(e, wait_ended::about.name) == 1u);
    e.now = at_first + hour;
    wait_until_fired(e);
    BOOST_TEST(e.sum("late", e.engine->head()) == 0);
    BOOST_TEST(count(e, detail::command_sent::about.name) == 0u);
  }
  const auto records = store.log->records.size();
  memory_engine later{store, memory_engine::quiet(), host_awaiting, at_first + 9 * hour};
  later.engine->settle(60s).value();
  BOOST_TEST(store.log->records.size() == records);  // and it fires no more
}

/// The timer was due, and much was there that the instance had not observed, the note last: one is observed after the other.
BOOST_AUTO_TEST_CASE(case_32_what_was_in_the_log_when_the_timer_was_due_is_observed_before_it) {
  memory_store store;
  {
    memory_engine e{store, memory_engine::quiet(), host_awaiting, at_first};
    add_one(e);
  }
  {
    memory_engine without{store, memory_engine::quiet(), {}, at_first + hour / 2};
    for (int i = 0; i < 50; ++i) without.send("x", world::add{1}).value();
    without.send("x", world::note{"just in time"}).value();
  }
  memory_engine e{store, memory_engine::quiet(), host_awaiting, at_first + hour};
  wait_until_fired(e);
  BOOST_TEST(count(e, wait_ended::about.name) == 1u);
  BOOST_TEST(e.sum("late", e.engine->head()) == 0);
}

BOOST_AUTO_TEST_SUITE_END()
