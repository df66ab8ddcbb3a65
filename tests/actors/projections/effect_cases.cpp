// What a projection does outside of its model takes place once for each event, and is never forgotten.
#include "actors/projections/teller.hpp"
#include "support/printed.hpp"

#include <boost/test/unit_test.hpp>

using namespace annals;
using namespace world;

BOOST_AUTO_TEST_SUITE(effects)

BOOST_AUTO_TEST_CASE(they_take_place_once_and_never_again_in_a_rebuild_or_a_later_start) {
  tells::begin();
  memory_store store;
  {
    telling_rig<tells> e{store};
    for (int i = 0; i < 3; ++i) e.write();
    BOOST_TEST(e.count() == 3);
    BOOST_TEST((tells::heard() == places{1, 2, 3}));
    BOOST_TEST(detail::await(*e.rebuild()).has_value());
    e.write();
    BOOST_TEST(e.count() == 4);
    BOOST_TEST((tells::heard() == places{1, 2, 3, 4}));
  }
  lose_derived(store);  // how far they were is not derived
  telling_rig<tells> e{store};
  BOOST_TEST(e.count() == 4);
  e.write();
  BOOST_TEST(e.count() == 5);
  BOOST_TEST((tells::heard() == places{1, 2, 3, 4, 5}));
}

BOOST_AUTO_TEST_CASE(the_first_start_with_them_begins_at_its_head) {
  tells::begin();
  memory_store store;
  {
    memory_engine{store}.send("a", add{1, 5}).value();
  }
  telling_rig<tells> e{store};
  BOOST_TEST(e.count() == 5);
  BOOST_TEST(tells::heard().empty());
  e.write();
  BOOST_TEST(e.count() == 6);
  BOOST_TEST((tells::heard() == places{6}));
}

BOOST_AUTO_TEST_CASE(one_that_fails_parks_its_event_and_a_retry_makes_up_for_it) {
  tells::begin({2});
  memory_store store;
  telling_rig<tells> e{store};
  for (int i = 0; i < 3; ++i) e.write();
  BOOST_TEST(e.count() == 2);
  BOOST_TEST((e.parked() == places{2}));
  BOOST_TEST((tells::heard() == places{1, 3}));
  BOOST_TEST(!e.retry(2));
  tells::all_hear();
  BOOST_TEST(e.retry(2));
  BOOST_TEST((tells::heard() == places{1, 2, 3}));
  BOOST_TEST((e.seen() == places{1, 2, 3}));
}

BOOST_AUTO_TEST_CASE(it_is_not_repeated_when_only_its_event_could_not_be_applied) {
  tells::begin();
  tells::takes_all = false;
  memory_store store;
  {
    telling_rig<tells> e{store};
    e.write("bad");
    BOOST_TEST((e.asked().error().code == errc::parked));
    BOOST_TEST((tells::heard() == places{1}));
  }
  tells::takes_all = true;
  telling_rig<tells> e{store};
  BOOST_TEST(e.count() == 1);
  BOOST_TEST((tells::heard() == places{1}));
}

BOOST_AUTO_TEST_CASE(those_behind_a_parked_event_of_the_stream_wait_with_their_events) {
  tells_by_stream::begin({1});
  memory_store store;
  telling_rig<tells_by_stream> e{store};
  for (int i = 0; i < 3; ++i) e.write();
  e.write("", "b");
  BOOST_TEST(e.count() == 1);
  BOOST_TEST((tells_by_stream::heard() == places{4}));
  tells_by_stream::all_hear();
  BOOST_TEST(e.retry(1));
  BOOST_TEST((tells_by_stream::heard() == places{1, 2, 3, 4}));
  BOOST_TEST((e.seen() == places{1, 2, 3, 4}));
}

BOOST_AUTO_TEST_CASE(a_rebuild_does_not_apply_what_still_owes_its_effect) {
  tells::begin({2});
  memory_store store;
  telling_rig<tells> e{store};
  for (int i = 0; i < 3; ++i) e.write();
  BOOST_TEST(e.count() == 2);
  BOOST_TEST(detail::await(*e.rebuild()).has_value());
  BOOST_TEST(e.count() == 2);
  BOOST_TEST((e.parked() == places{2}));
  tells::all_hear();
  BOOST_TEST(e.retry(2));
  BOOST_TEST((e.seen() == places{1, 2, 3}));
  BOOST_TEST((tells::heard() == places{1, 2, 3}));
}

BOOST_AUTO_TEST_CASE(a_rebuild_does_not_pass_effects_that_have_not_taken_place) {
  tells_for_ever::begin({3});
  memory_store store;
  telling_rig<tells_for_ever> e{store};
  for (int i = 0; i < 5; ++i) e.write();
  wait_until([] { return tells_for_ever::heard().size() == 2; });
  BOOST_TEST(detail::await(*e.rebuild()).has_value());
  tells_for_ever::all_hear();
  BOOST_TEST(e.count() == 5);
  BOOST_TEST((tells_for_ever::heard() == places{1, 2, 3, 4, 5}));
}

BOOST_AUTO_TEST_CASE(those_that_are_still_to_come_take_place_in_the_rebuild_of_one_that_has_stopped_and_once) {
  const auto place = [](const auto& of) { return of ? position{0} : of.error().place; };
  tells_or_stops::begin({3});
  memory_store store;
  {
    telling_rig<tells_or_stops> e{store};
    for (int i = 0; i < 6; ++i) e.write();
    BOOST_TEST(place(e.asked()) == 3u);
    BOOST_TEST(place(detail::await(*e.rebuild())) == 3u);
    tells_or_stops::deaf_only({5});
    BOOST_TEST(place(detail::await(*e.rebuild())) == 5u);
    BOOST_TEST(place(e.asked()) == 3u);
    BOOST_TEST((tells_or_stops::heard() == places{1, 2, 3, 4}));
    tells_or_stops::deaf_only({6});
    BOOST_TEST(place(detail::await(*e.rebuild())) == 6u);
    BOOST_TEST((tells_or_stops::heard() == places{1, 2, 3, 4, 5}));
  }
  tells_or_stops::all_hear();
  lose_derived(store);
  telling_rig<tells_or_stops> e{store};
  BOOST_TEST(e.count() == 6);
  BOOST_TEST((tells_or_stops::heard() == places{1, 2, 3, 4, 5, 6}));
}

BOOST_AUTO_TEST_CASE(one_that_has_stopped_at_an_effect_goes_on_when_a_rebuild_has_passed_it) {
  tells_or_stops::begin({3});
  memory_store store;
  telling_rig<tells_or_stops> e{store};
  for (int i = 0; i < 5; ++i) e.write();
  BOOST_TEST(!e.asked());
  tells_or_stops::all_hear();
  BOOST_TEST(detail::await(*e.rebuild()).value().accepted.at == 5u);
  e.write();
  BOOST_TEST(e.count() == 6);
  BOOST_TEST((e.seen() == places{1, 2, 3, 4, 5, 6}));
  BOOST_TEST((tells_or_stops::heard() == places{1, 2, 3, 4, 5, 6}));
}

BOOST_AUTO_TEST_CASE(one_that_is_skipped_never_takes_place) {
  tells::begin({2});
  memory_store store;
  {
    telling_rig<tells> e{store};
    for (int i = 0; i < 3; ++i) e.write();
    BOOST_TEST(e.count() == 2);
    BOOST_TEST(e.skip(2));
  }
  tells::all_hear();
  lose_derived(store);
  telling_rig<tells> e{store};
  BOOST_TEST(e.count() == 2);
  BOOST_TEST((tells::heard() == places{1, 3}));
}

BOOST_AUTO_TEST_SUITE_END()
