// What becomes of parked inputs of process managers in later lives, by other programs, and when decisions meet.
#include "support/printed.hpp"
#include "support/repeating.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>

using namespace annals;
using namespace world;

BOOST_AUTO_TEST_SUITE(parked_process_starts)

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

BOOST_AUTO_TEST_CASE(of_two_inputs_that_fail_one_waits_behind_the_other_and_neither_is_lost) {
  for (const bool is_restarted : {false, true}) {
    begin();
    memory_store store;
    std::string seen;
    {
      repeating_rig e{store};
      const auto asks = e.start("a", world::note{"x bad ask"});
      const auto bad = e.start("a", world::note{"x bad"});
      BOOST_TEST(detail::await(*asks).has_value());
      BOOST_TEST(detail::await(*bad).has_value());
      wait_until([&] { return !e.parked().empty(); });
      e.engine->settle(60s).value();
      const auto all = e.parked();
      BOOST_TEST(std::count_if(all.begin(), all.end(), [](const parked_event& one) { return one.attempts > 0; }) == 1);
      cures = true;
      if (!is_restarted) {
        BOOST_TEST(e.retry(all.front().at).value() == all.front().at);
        seen = e.seen_by("x");
        BOOST_TEST(e.parked().empty());
      }
    }
    if (is_restarted) {
      repeating_rig e{store};
      seen = e.seen_by("x");
      BOOST_TEST(e.parked().empty());
    }
    BOOST_TEST((seen == "bad ask,bad,rejected," || seen == "bad ask,rejected,bad,"), seen);
  }
}

BOOST_AUTO_TEST_CASE(of_two_instances_whose_inputs_have_changed_places_nothing_is_lost) {
  begin();
  memory_store store;
  {
    repeating_rig e{store};
    e.write("y bad");
    e.write("y 2");
    e.write("x bad");
    e.write("x 2");
    e.wait_for_parked(4);
  }
  all_are_y = true;
  {
    repeating_rig e{store};
    e.engine->settle(60s).value();
    BOOST_TEST(e.parked().size() == 4u);
    cures = true;
    BOOST_TEST(e.retry(e.positions().front()).value() == 1u);
    BOOST_TEST(e.seen_by("y") == "bad,2,bad,2,");
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

BOOST_AUTO_TEST_CASE(what_is_not_hosted_can_be_skipped_in_one_go) {
  begin();
  memory_store store;
  const std::vector<std::string> instances{"u", "v", "w", "x", "y"};
  {
    repeating_rig e{store};
    for (const auto& one : instances) e.write(one + " bad");
    e.wait_for_parked(instances.size());
  }
  {
    memory_engine e{store};
    std::vector<std::shared_ptr<detail::waiter>> skipped;
    for (position at = 1; at <= instances.size(); ++at) skipped.push_back(e.engine->skip_parked("repeating", at));
    for (const auto& one : skipped) BOOST_TEST(detail::await(*one).has_value());
  }
  BOOST_TEST(store.index->parked["process repeating"].empty());
}

BOOST_AUTO_TEST_CASE(case_24_too_many_that_wait_stop_it_and_a_skip_lets_the_next_start_go_on) {
  constexpr std::size_t many = 10'000;
  for (const bool is_hosted : {true, false}) {
    begin();
    memory_store store;
    position bad = 0;
    {
      repeating_rig e{store};
      bad = e.write("x bad");
      e.wait_for_parked(1);
      for (std::size_t i = 0; i < many; ++i) e.start("a", world::note{"x 2"});
      wait_until([&] { return e.engine->health().processes[0].stopped.has_value(); });
      BOOST_TEST(e.engine->health().processes[0].stopped->detail.find("10000") != std::string::npos);
      BOOST_TEST(e.parked().size() == many);
      if (is_hosted) {
        BOOST_TEST(e.skip(bad).value() == bad);
        BOOST_TEST(e.parked().size() == many - 1);
        BOOST_TEST((e.skip(bad).error().code == errc::not_found));
      }
    }
    if (!is_hosted) BOOST_TEST(detail::await(*memory_engine{store}.engine->skip_parked("repeating", bad)).has_value());
    repeating_rig e{store};
    BOOST_TEST(e.seen_by("x").size() == 2 * many);
    BOOST_TEST(e.parked().empty());
  }
}

BOOST_AUTO_TEST_SUITE_END()
