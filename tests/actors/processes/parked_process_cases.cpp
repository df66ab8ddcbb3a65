// Inputs that an instance of a process manager cannot handle: tried again, parked with the instance, tried again by hand.
#include "support/printed.hpp"
#include "support/repeating.hpp"

#include <boost/test/unit_test.hpp>

using namespace annals;
using namespace world;

BOOST_AUTO_TEST_SUITE(parked_processes)

BOOST_AUTO_TEST_CASE(case_24_an_instance_stands_still_behind_what_it_cannot_observe_and_the_others_go_on) {
  begin();
  memory_store store;
  repeating_rig e{store};
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
  BOOST_TEST(all[1].error == "waits for position " + std::to_string(bad));
  BOOST_TEST(e.engine->health().processes[0].parked == 2u);
  BOOST_TEST(!e.engine->health().processes[0].stopped.has_value());
}

/// Timers wait for what a start sends again (rule 4), but not for what stands still.
BOOST_AUTO_TEST_CASE(case_34_after_a_start_a_parked_answer_does_not_hold_up_the_timers_of_others) {
  begin();
  memory_store store;
  {
    repeating_rig e{store};
    e.write("x bad ask");
    e.wait_for_parked(1);
    e.write("y time");
    BOOST_TEST(e.seen_by("y").starts_with("time,"));
  }
  repeating_rig e{store};
  e.wait_for_parked(1);
  e.now += 2'000'000;
  wait_until([&] { return e.seen_by("y") == "time,timed,"; });
  BOOST_TEST(e.parked().size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_retry_by_hand_lets_it_go_on_in_order) {
  begin();
  memory_store store;
  repeating_rig e{store};
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
    repeating_rig e{store};
    const auto bad = e.write("x bad");
    e.write("x 2");
    e.wait_for_parked(2);
    BOOST_TEST(e.skip(bad).value() == bad);
    BOOST_TEST(e.seen_by("x") == "2,");
    BOOST_TEST(e.parked().empty());
  }
  store.index = std::make_shared<store::memory_derived_disk>();
  cures = true;
  repeating_rig e{store};
  e.write("x 3");
  BOOST_TEST(e.seen_by("x") == "2,3,");
}

BOOST_AUTO_TEST_CASE(a_start_tries_again_what_was_parked_and_loses_nothing_behind_it) {
  begin();
  memory_store store;
  {
    repeating_rig e{store};
    e.write("x bad");
    e.write("x 2");
    e.wait_for_parked(2);
  }
  {
    repeating_rig e{store};
    e.wait_for_parked(2);
    BOOST_TEST(e.seen_by("x") == "");
  }
  cures = true;
  repeating_rig e{store};
  BOOST_TEST(e.seen_by("x") == "bad,2,");
}

BOOST_AUTO_TEST_CASE(case_34_a_compensation_that_fails_is_tried_again_then_stuck_visible_and_resumable) {
  for (const bool by_skipping : {false, true}) {
    begin();
    memory_store store;
    repeating_rig e{store};
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
    repeating_rig e{store};
    e.write("x bad time");
    e.engine->settle(60s).value();
  }
  repeating_rig e{store};
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
