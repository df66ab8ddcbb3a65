// Inputs that an instance of a process manager cannot handle: tried again, parked with the instance, tried again by hand.
#include "support/memory_engine.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>

using namespace annals;
using namespace std::chrono_literals;

namespace {

std::atomic<bool> cures{false};
std::atomic<int> tries{0};

struct observed {
  std::string text;
  static constexpr auto about = describe("observed", 1, field{"text", &observed::text});
};
struct was_rejected {
  static constexpr auto about = describe("was_rejected", 1);
};
struct later {
  static constexpr auto about = describe("later", 1);
};

/// Repeats what is noted on a counter. «bad…» throws when it is observed, «ask» sends a command that is rejected, «time» sets
/// a timer; «bad ask» and «bad time» throw when the answer comes, or the timer.
struct repeating {
  static constexpr std::string_view category = "repeating";
  static constexpr failure_policy on_failure{3, 1ms};
  using observes = types<world::counter>;
  using events = types<observed, was_rejected>;
  using timers = types<later>;
  struct state {
    std::string all;
    static constexpr auto about = describe("repeating", 1, field{"all", &state::all});
  };
  static void dislike(bool it) {
    if (!it) return;
    ++tries;
    if (!cures) throw std::runtime_error("does not like it");
  }
  static std::optional<std::string> key(const world::noted& e) { return e.text.substr(0, 1); }
  static steps<repeating> on(const state&, const world::noted& e, const context&) {
    const auto text = e.text.substr(2);
    dislike(text == "bad");
    if (text.ends_with("ask")) return {observed{text}, annals::send<world::counter>("target", world::add{-1})};
    if (text.ends_with("time")) return {observed{text}, after(1s, later{})};
    return observed{text};
  }
  static steps<repeating> on(const state& s, const later&, const context&) {
    dislike(s.all.find("bad time") != std::string::npos);
    return observed{"timed"};
  }
  static steps<repeating> rejected(const state& s, const world::add&, const rejection&, const context&) {
    dislike(s.all.find("bad ask") != std::string::npos);
    return was_rejected{};
  }
  static void evolve(state& s, const observed& e) { s.all += e.text + ","; }
  static void evolve(state& s, const was_rejected&) { s.all += "rejected,"; }
};

struct rig : memory_engine {
  explicit rig(const memory_store& on)
      : memory_engine(on, quiet(), [](detail::engine& e) { e.add(detail::table_of_process<repeating>()).value(); }) {}

  position write(std::string text) { return send("a", world::note{std::move(text)}).value().at; }
  std::vector<parked_event> parked() const {
    auto all = engine->parked("repeating");
    return std::move(all).value();
  }
  std::vector<position> positions() const {
    std::vector<position> all;
    for (const auto& one : parked()) all.push_back(one.at);
    return all;
  }
  void wait_for_parked(std::size_t count) {
    wait_until([&] { return positions().size() == count; });
  }
  /// What the instance has seen, when nothing is under way.
  std::string seen_by(const std::string& key) {
    engine->settle(60s).value();
    std::string all;
    engine->read_stream("repeating-" + key, 1, 1'000, [&](const record_view& r) {
      if (r.type == observed::about.name) all += decoded<observed>(r.payload)->text + ",";
      if (r.type == was_rejected::about.name) all += "rejected,";
      return true;
    }).value();
    return all;
  }
  template <class Order>
  result<position> order(Order what) {
    auto answer = detail::await(*engine->order("repeating", what));
    if (!answer) return std::move(answer).error();
    return answer->accepted.at;
  }
  result<position> retry(position at) { return order(actors::retry_parked{at, {}}); }
  result<position> skip(position at) { return order(actors::skip_parked{at, {}}); }
};

void begin() {
  cures = false;
  tries = 0;
}

using places = std::vector<position>;

}  // namespace

BOOST_TEST_DONT_PRINT_LOG_VALUE(annals::errc)

BOOST_AUTO_TEST_SUITE(parked_processes)

BOOST_AUTO_TEST_CASE(case_24_an_instance_stands_still_behind_what_it_cannot_observe_and_the_others_go_on) {
  begin();
  memory_store store;
  rig e{store};
  e.write("x 1");
  const auto bad = e.write("x bad");
  e.write("y 1");
  const auto behind = e.write("x 2");
  e.wait_for_parked(2);
  BOOST_TEST(e.seen_by("x") == "1,");
  BOOST_TEST(e.seen_by("y") == "1,");
  BOOST_TEST(tries == 3);
  const auto all = e.parked();
  BOOST_TEST((e.positions() == places{bad, behind}));
  BOOST_TEST(all[0].stream == "repeating-x");
  BOOST_TEST(all[0].attempts == 3u);
  BOOST_TEST(all[0].error.find("does not like it") != std::string::npos);
  BOOST_TEST(all[1].attempts == 0u);
  BOOST_TEST(all[1].error == "behind position " + std::to_string(bad));
  BOOST_TEST(e.engine->health().processes[0].parked == 2u);
  BOOST_TEST(!e.engine->health().processes[0].stopped.has_value());
}

/// Timers wait for what a start sends again (design rule 4), but not for what stands still.
BOOST_AUTO_TEST_CASE(case_34_after_a_start_a_parked_answer_does_not_hold_up_the_timers_of_others) {
  begin();
  memory_store store;
  {
    rig e{store};
    e.write("x bad ask");
    e.wait_for_parked(1);
    e.write("y time");
    BOOST_TEST(e.seen_by("y").starts_with("time,"));
  }
  rig e{store};
  e.wait_for_parked(1);
  e.now += 2'000'000;
  wait_until([&] { return e.seen_by("y") == "time,timed,"; });
  BOOST_TEST(e.parked().size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_retry_by_hand_lets_it_go_on_in_order) {
  begin();
  memory_store store;
  rig e{store};
  const auto bad = e.write("x bad");
  const auto behind = e.write("x 2");
  e.write("x 3");
  e.wait_for_parked(3);
  BOOST_TEST((e.retry(behind).error().code == errc::misuse));
  BOOST_TEST((e.retry(1'000).error().code == errc::not_found));
  const auto refused = e.retry(bad);
  BOOST_TEST_REQUIRE(!refused);
  BOOST_TEST((refused.error().code == errc::decide_failed));
  BOOST_TEST(e.parked()[0].attempts == 4u);
  BOOST_TEST(e.parked().size() == 3u);
  cures = true;
  BOOST_TEST(e.retry(bad).value() == bad);
  BOOST_TEST(e.seen_by("x") == "bad,2,3,");
  BOOST_TEST(e.parked().empty());
  e.write("x 4");
  BOOST_TEST(e.seen_by("x") == "bad,2,3,4,");
}

BOOST_AUTO_TEST_CASE(what_is_skipped_is_not_observed_in_any_life) {
  begin();
  memory_store store;
  {
    rig e{store};
    const auto bad = e.write("x bad");
    e.write("x 2");
    e.wait_for_parked(2);
    BOOST_TEST(e.skip(bad).value() == bad);
    BOOST_TEST(e.seen_by("x") == "2,");
    BOOST_TEST(e.parked().empty());
  }
  store.index = std::make_shared<store::memory_index_disk>();
  cures = true;
  rig e{store};
  e.write("x 3");
  BOOST_TEST(e.seen_by("x") == "2,3,");
}

BOOST_AUTO_TEST_CASE(a_start_tries_again_what_was_parked_and_loses_nothing_behind_it) {
  begin();
  memory_store store;
  {
    rig e{store};
    e.write("x bad");
    e.write("x 2");
    e.wait_for_parked(2);
  }
  {
    rig e{store};
    e.wait_for_parked(2);
    BOOST_TEST(e.seen_by("x") == "");
  }
  cures = true;
  rig e{store};
  BOOST_TEST(e.seen_by("x") == "bad,2,");
}

BOOST_AUTO_TEST_CASE(case_34_a_compensation_that_fails_is_tried_again_then_stuck_visible_and_resumable) {
  for (const bool by_skipping : {false, true}) {
    begin();
    memory_store store;
    rig e{store};
    e.write("x bad ask");
    e.wait_for_parked(1);
    BOOST_TEST(tries == 3);
    const auto cause = e.positions()[0];
    e.write("x 2");
    e.wait_for_parked(2);
    BOOST_TEST(e.seen_by("x") == "bad ask,");
    BOOST_TEST((e.retry(cause).error().code == errc::decide_failed));
    if (by_skipping) {
      BOOST_TEST(e.skip(cause).value() == cause);
      BOOST_TEST(e.seen_by("x") == "bad ask,2,");
    } else {
      cures = true;
      BOOST_TEST(e.retry(cause).value() == cause);
      BOOST_TEST(e.seen_by("x") == "bad ask,rejected,2,");
    }
    BOOST_TEST(e.parked().empty());
  }
}

BOOST_AUTO_TEST_CASE(a_timer_that_cannot_be_taken_parks_the_instance_too) {
  begin();
  memory_store store;
  {
    rig e{store};
    e.write("x bad time");
    e.engine->settle(60s).value();
  }
  rig e{store};
  e.now += std::chrono::microseconds{2s}.count();
  e.wait_for_parked(1);
  const auto cause = e.positions()[0];
  e.write("x 2");
  e.wait_for_parked(2);
  cures = true;
  BOOST_TEST(e.retry(cause).value() == cause);
  BOOST_TEST(e.seen_by("x") == "bad time,timed,2,");
}

BOOST_AUTO_TEST_SUITE_END()
