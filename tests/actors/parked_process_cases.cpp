// Inputs that an instance of a process manager cannot handle: tried again, parked with the instance, tried again by hand.
#include "repeating.hpp"

#include <boost/test/unit_test.hpp>

using namespace annals;
using namespace world;

BOOST_TEST_DONT_PRINT_LOG_VALUE(annals::errc)

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
  BOOST_TEST(all[1].error == "behind position " + std::to_string(bad));
  BOOST_TEST(e.engine->health().processes[0].parked == 2u);
  BOOST_TEST(!e.engine->health().processes[0].stopped.has_value());
}

/// Timers wait for what a start sends again (design rule 4), but not for what stands still.
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
  store.index = std::make_shared<store::memory_index_disk>();
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

BOOST_AUTO_TEST_CASE(what_was_parked_is_parked_when_a_start_returns_and_can_be_skipped_or_tried_again_at_once) {
  for (const bool by_skipping : {true, false}) {
    begin();
    memory_store store;
    position bad = 0, behind = 0;
    {
      repeating_rig e{store};
      bad = e.write("x bad");
      behind = e.write("x 2");
      e.wait_for_parked(2);
    }
    {
      repeating_rig e{store};
      BOOST_TEST((e.positions() == places{bad, behind}));
      e.engine->settle(60s).value();
      BOOST_TEST(tries == 3 + 1);  // once in this life
      BOOST_TEST((e.positions() == places{bad, behind}));
    }
    repeating_rig e{store};
    if (by_skipping) {
      BOOST_TEST(e.skip(bad).value() == bad);
      BOOST_TEST(e.seen_by("x") == "2,");
    } else {
      const auto refused = e.retry(bad);
      BOOST_TEST_REQUIRE(!refused);
      BOOST_TEST((refused.error().code == errc::decide_failed));
    }
  }
}

BOOST_AUTO_TEST_CASE(an_answer_or_a_timer_that_was_parked_is_tried_once_at_the_next_start) {
  for (const std::string kind : {"ask", "time"}) {
    begin();
    memory_store store;
    {
      repeating_rig e{store};
      e.write("x bad " + kind);
      e.engine->settle(60s).value();
      e.now += std::chrono::microseconds{2s}.count();
      e.wait_for_parked(1);
    }
    const timestamp later = 1'000'000 + std::chrono::microseconds{2s}.count();
    {
      repeating_rig e{store, memory_engine::quiet(), later};
      BOOST_TEST(e.positions().size() == 1u);
      wait_until([&] { return tries == 4; });
    }
    cures = true;
    repeating_rig e{store, memory_engine::quiet(), later};
    wait_until([&] { return e.parked().empty(); });
    BOOST_TEST(e.seen_by("x") == (kind == "ask" ? "bad ask,rejected," : "bad time,timed,"));
  }
}

BOOST_AUTO_TEST_CASE(a_skip_waits_for_a_try_that_is_under_way) {
  for (const bool is_taken : {true, false}) {
    begin();
    memory_store store;
    position bad = 0;
    {
      repeating_rig e{store};
      bad = e.write("x bad");
      e.wait_for_parked(1);
    }
    is_held = true;
    repeating_rig e{store};
    wait_until([] { return tries == 4; });
    const auto skipped = e.engine->order("repeating", actors::skip_parked{bad, {}});
    BOOST_TEST((e.retry(bad + 99).error().code == errc::not_found));  // so it has come to the skip
    cures = is_taken;
    is_held = false;
    const auto answer = detail::await(*skipped);
    BOOST_TEST(answer.has_value() == !is_taken);
    if (!answer) BOOST_TEST((answer.error().code == errc::not_found));
    BOOST_TEST(e.seen_by("x") == (is_taken ? "bad," : ""));
    BOOST_TEST(e.parked().empty());
  }
}

BOOST_AUTO_TEST_CASE(what_is_no_input_any_more_holds_up_nothing) {
  begin();
  memory_store store;
  {
    repeating_rig e{store};
    e.write("x bad");
    e.write("x 2");
    e.wait_for_parked(2);
  }
  is_blind = true;
  repeating_rig e{store};
  BOOST_TEST(e.seen_by("x") == "2,");
  BOOST_TEST(e.parked().empty());
}

BOOST_AUTO_TEST_CASE(what_is_not_hosted_can_be_skipped) {
  begin();
  memory_store store;
  position bad = 0;
  {
    repeating_rig e{store};
    bad = e.write("x bad");
    e.write("x 2");
    e.wait_for_parked(2);
  }
  cures = true;  // hosted, it would be taken
  {
    memory_engine e{store};
    BOOST_TEST((detail::await(*e.engine->skip_parked("repeating", bad + 9)).error().code == errc::not_found));
    BOOST_TEST((detail::await(*e.engine->skip_parked("nobody", bad)).error().code == errc::not_found));
    BOOST_TEST(detail::await(*e.engine->skip_parked("repeating", bad)).value().accepted.at == bad);
  }
  BOOST_TEST(store.index->parked["process repeating"].size() == 1u);
  repeating_rig e{store};
  BOOST_TEST(e.seen_by("x") == "2,");
}

BOOST_AUTO_TEST_SUITE_END()
