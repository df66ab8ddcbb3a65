// What a projection does outside of its model takes place once for each event, and is never forgotten.
#include "actors/projections/teller.hpp"
#include "support/printed.hpp"

#include <boost/test/unit_test.hpp>

using namespace annals;
using namespace world;

BOOST_AUTO_TEST_SUITE(effects)

BOOST_AUTO_TEST_CASE(they_take_place_once_and_never_again_in_a_rebuild_or_a_later_start) {
  parks::begin();
  memory_store store;
  {
    telling_rig<parks> e{store};
    for (int i = 0; i < 3; ++i) e.write();
    BOOST_TEST(e.count() == 3);
    BOOST_TEST((parks::heard() == places{1, 2, 3}));
    BOOST_TEST(detail::await(*e.rebuild()).has_value());
    e.write();
    BOOST_TEST(e.count() == 4);
    BOOST_TEST((parks::heard() == places{1, 2, 3, 4}));
  }
  lose_derived(store);  // how far they were is not derived
  telling_rig<parks> e{store};
  BOOST_TEST(e.count() == 4);
  e.write();
  BOOST_TEST(e.count() == 5);
  BOOST_TEST((parks::heard() == places{1, 2, 3, 4, 5}));
}

BOOST_AUTO_TEST_CASE(the_first_start_with_them_begins_at_its_head) {
  parks::begin();
  memory_store store;
  {
    memory_engine{store}.send("a", add{1, 5}).value();
  }
  telling_rig<parks> e{store};
  BOOST_TEST(e.count() == 5);
  BOOST_TEST(parks::heard().empty());
  e.write();
  BOOST_TEST(e.count() == 6);
  BOOST_TEST((parks::heard() == places{6}));
}

BOOST_AUTO_TEST_CASE(one_that_fails_parks_its_event_and_a_retry_makes_up_for_it) {
  parks::begin({2});
  memory_store store;
  telling_rig<parks> e{store};
  for (int i = 0; i < 3; ++i) e.write();
  BOOST_TEST(e.count() == 2);
  BOOST_TEST((e.parked() == places{2}));
  BOOST_TEST((parks::heard() == places{1, 3}));
  BOOST_TEST(!e.retry(2));
  parks::all_hear();
  BOOST_TEST(e.retry(2));
  BOOST_TEST((parks::heard() == places{1, 2, 3}));
  BOOST_TEST((e.seen() == places{1, 2, 3}));
}

BOOST_AUTO_TEST_CASE(it_is_not_repeated_when_only_its_event_could_not_be_applied) {
  parks::begin();
  parks::takes_all = false;
  memory_store store;
  {
    telling_rig<parks> e{store};
    e.write("bad");
    BOOST_TEST((e.asked().error().code == errc::parked));
    BOOST_TEST((parks::heard() == places{1}));
  }
  parks::takes_all = true;
  telling_rig<parks> e{store};
  BOOST_TEST(e.count() == 1);
  BOOST_TEST((parks::heard() == places{1}));
}

BOOST_AUTO_TEST_CASE(those_behind_a_parked_event_of_the_stream_wait_with_their_events) {
  parks_streams::begin({1});
  memory_store store;
  telling_rig<parks_streams> e{store};
  for (int i = 0; i < 3; ++i) e.write();
  e.write("", "b");
  BOOST_TEST(e.count() == 1);
  BOOST_TEST((parks_streams::heard() == places{4}));
  parks_streams::all_hear();
  BOOST_TEST(e.retry(1));
  BOOST_TEST((parks_streams::heard() == places{1, 2, 3, 4}));
  BOOST_TEST((e.seen() == places{1, 2, 3, 4}));
}

BOOST_AUTO_TEST_CASE(a_rebuild_does_not_apply_what_still_owes_its_effect) {
  parks::begin({2});
  memory_store store;
  telling_rig<parks> e{store};
  for (int i = 0; i < 3; ++i) e.write();
  BOOST_TEST(e.count() == 2);
  BOOST_TEST(detail::await(*e.rebuild()).has_value());
  BOOST_TEST(e.count() == 2);
  BOOST_TEST((e.parked() == places{2}));
  parks::all_hear();
  BOOST_TEST(e.retry(2));
  BOOST_TEST((e.seen() == places{1, 2, 3}));
  BOOST_TEST((parks::heard() == places{1, 2, 3}));
}

BOOST_AUTO_TEST_CASE(a_rebuild_does_not_pass_effects_that_have_not_taken_place) {
  patient::begin({3});
  memory_store store;
  telling_rig<patient> e{store};
  for (int i = 0; i < 5; ++i) e.write();
  wait_until([] { return patient::heard().size() == 2; });
  BOOST_TEST(detail::await(*e.rebuild()).has_value());
  patient::all_hear();
  BOOST_TEST(e.count() == 5);
  BOOST_TEST((patient::heard() == places{1, 2, 3, 4, 5}));
}

BOOST_AUTO_TEST_CASE(those_that_are_still_to_come_take_place_in_the_rebuild_of_one_that_has_stopped_and_once) {
  const auto place = [](const auto& of) { return of ? position{0} : of.error().place; };
  stops::begin({3});
  memory_store store;
  {
    telling_rig<stops> e{store};
    for (int i = 0; i < 6; ++i) e.write();
    BOOST_TEST(place(e.asked()) == 3u);
    BOOST_TEST(place(detail::await(*e.rebuild())) == 3u);
    stops::deaf_only({5});
    BOOST_TEST(place(detail::await(*e.rebuild())) == 5u);
    BOOST_TEST(place(e.asked()) == 3u);
    BOOST_TEST((stops::heard() == places{1, 2, 3, 4}));
    stops::deaf_only({6});
    BOOST_TEST(place(detail::await(*e.rebuild())) == 6u);
    BOOST_TEST((stops::heard() == places{1, 2, 3, 4, 5}));
  }
  stops::all_hear();
  lose_derived(store);
  telling_rig<stops> e{store};
  BOOST_TEST(e.count() == 6);
  BOOST_TEST((stops::heard() == places{1, 2, 3, 4, 5, 6}));
}

BOOST_AUTO_TEST_CASE(one_that_has_stopped_at_an_effect_goes_on_when_a_rebuild_has_passed_it) {
  stops::begin({3});
  memory_store store;
  telling_rig<stops> e{store};
  for (int i = 0; i < 5; ++i) e.write();
  BOOST_TEST(!e.asked());
  stops::all_hear();
  BOOST_TEST(detail::await(*e.rebuild()).value().accepted.at == 5u);
  e.write();
  BOOST_TEST(e.count() == 6);
  BOOST_TEST((e.seen() == places{1, 2, 3, 4, 5, 6}));
  BOOST_TEST((stops::heard() == places{1, 2, 3, 4, 5, 6}));
}

BOOST_AUTO_TEST_CASE(one_that_is_skipped_never_takes_place) {
  parks::begin({2});
  memory_store store;
  {
    telling_rig<parks> e{store};
    for (int i = 0; i < 3; ++i) e.write();
    BOOST_TEST(e.count() == 2);
    BOOST_TEST(e.skip(2));
  }
  parks::all_hear();
  lose_derived(store);
  telling_rig<parks> e{store};
  BOOST_TEST(e.count() == 2);
  BOOST_TEST((parks::heard() == places{1, 3}));
}

BOOST_AUTO_TEST_SUITE_END()
