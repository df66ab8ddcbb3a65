// Several members of one subscription: they share it by stream, and take over from each other.
#include "support/printed.hpp"
#include "support/virtual_engine.hpp"

#include <boost/test/unit_test.hpp>

#include <optional>

using namespace annals;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(consumer_groups)

BOOST_AUTO_TEST_CASE(each_event_goes_to_one_member_and_a_stream_stays_where_it_is_held) {
  memory_store store;
  virtual_engine e{store};
  e.note("a"), e.note("b"), e.note("a"), e.note("b"), e.note("c");
  member one{e, "mail"}, two{e, "mail"};
  BOOST_TEST(e.engine().health().subscriptions.at(0).members == 2u);
  BOOST_TEST((one.positions(1) == positions{1}));
  BOOST_TEST((two.positions(2) == positions{2, 4}));  // 3 is of a stream that one holds
  BOOST_TEST((one.positions(1) == positions{3}));
  BOOST_TEST((two.positions() == positions{5}));
  BOOST_TEST((one.positions().empty()));
  e.note("a"), e.note("b");
  BOOST_TEST((two.positions() == positions{7}));
  BOOST_TEST((two.positions().empty()));
  BOOST_TEST((one.ack({1}) == fine));
  BOOST_TEST((two.positions().empty()));  // 3 is still held
  BOOST_TEST((one.ack({3}) == fine));
  BOOST_TEST((two.positions() == positions{6}));  // now the stream is nobody's
}

BOOST_AUTO_TEST_CASE(who_waits_gets_the_streams_that_are_nobodys) {
  memory_store store;
  virtual_engine e{store};
  member one{e, "mail"}, two{e, "mail"};
  const auto first = one.ask(1), second = two.ask(10);
  e.note("a"), e.note("a"), e.note("b");
  BOOST_TEST_REQUIRE(first.answered->is_answered());
  BOOST_TEST(first.batch->at(0).record.at == 1u);
  BOOST_TEST_REQUIRE(second.answered->is_answered());
  BOOST_TEST(second.batch->at(0).record.at == 3u);
  BOOST_TEST((one.positions() == positions{2}));
}

BOOST_AUTO_TEST_CASE(when_one_leaves_the_others_take_over_what_it_held_in_order) {
  memory_store store;
  virtual_engine e{store};
  for (int i = 0; i < 6; ++i) e.note(std::to_string(i % 2));
  std::optional<member> one{std::in_place, e, "mail"};
  member two{e, "mail"};
  BOOST_TEST((one->positions() == positions{1, 2, 3, 4, 5, 6}));
  BOOST_TEST((one->ack({1, 4}) == fine));
  const auto waits = two.ask();
  e.run();
  BOOST_TEST(!waits.answered->is_answered());
  one.reset();  // its handle is gone
  e.run();
  BOOST_TEST_REQUIRE(waits.answered->is_answered());
  positions taken;
  for (const auto& event : *waits.batch) {
    taken.push_back(event.record.at);
    BOOST_TEST(event.attempt == 1u);  // that one left is not this one's fault
  }
  BOOST_TEST((taken == positions{2, 3, 5, 6}));
  BOOST_TEST((two.ack(taken) == fine));
  BOOST_TEST(e.engine().health().subscriptions.at(0).at == 6u);
}

BOOST_AUTO_TEST_CASE(who_has_left_is_told_so_and_what_it_held_waits_for_the_next) {
  memory_store store;
  virtual_engine e{store};
  e.note("a"), e.note("a");
  {
    member one{e, "mail"};
    BOOST_TEST((one.positions(1) == positions{1}));
    BOOST_TEST((one.positions(1) == positions{2}));
    const auto waits = one.ask();
    e.run();
    one.leave();
    BOOST_TEST_REQUIRE(waits.answered->is_answered());
    BOOST_TEST((waits.answered->await().error().code == errc::closed));
    BOOST_TEST((one.code_of(one.ask().answered) == errc::closed));
    BOOST_TEST((one.ack({2}) == fine));  // it had done that
  }
  BOOST_TEST(e.engine().health().subscriptions.at(0).members == 0u);
  member two{e, "mail"};
  BOOST_TEST((two.positions() == positions{1}));
}

BOOST_AUTO_TEST_CASE(who_leaves_while_it_handles_an_event_is_taken_over_from_when_that_is_answered) {
  memory_store store;
  virtual_engine e{store};
  e.note("a"), e.note("a"), e.note("a");
  member one{e, "mail"}, two{e, "mail"};
  BOOST_TEST((one.positions() == positions{1, 2, 3}));
  BOOST_TEST(one.in().may_handle());
  one.leave();
  BOOST_TEST(!one.in().may_handle());
  BOOST_TEST((one.code_of(one.ask().answered) == errc::closed));
  BOOST_TEST(two.positions().empty());  // 2 is not handled before 1
  BOOST_TEST((one.ack({1}) == fine));
  one.in().done_handling();
  BOOST_TEST((two.positions() == positions{2, 3}));
  BOOST_TEST((one.ack({2}) == fine));  // it has done that, it says
  one.nack(3);                         // is the other one's
  BOOST_TEST((two.ack({3}) == fine));
  BOOST_TEST(e.engine().health().subscriptions.at(0).at == 3u);
}

BOOST_AUTO_TEST_CASE(what_one_had_for_too_long_goes_to_another_and_either_may_acknowledge) {
  memory_store store;
  virtual_engine e{store};
  e.note("a"), e.note("a");
  const subscription_options with{.ack_time_out = 1s, .failure = {.first_pause = 100ms}};
  member slow{e, "mail", with}, other{e, "mail", with};
  BOOST_TEST((slow.positions() == positions{1, 2}));
  e.pass(1'101ms);
  e.pass(100ms);
  BOOST_TEST((other.positions() == positions{1, 2}));
  slow.nack(1, "late");  // it is not its any more
  BOOST_TEST((slow.ack({1}) == fine));
  BOOST_TEST((other.ack({1, 2}) == fine));
  BOOST_TEST(e.engine().health().subscriptions.at(0).at == 2u);
}

BOOST_AUTO_TEST_CASE(what_one_refuses_the_others_get_and_what_is_behind_it_after_it) {
  memory_store store;
  virtual_engine e{store};
  for (int i = 0; i < 3; ++i) e.note("a");
  const subscription_options with{.failure = {.first_pause = 100ms}};
  member one{e, "mail", with}, two{e, "mail", with};
  BOOST_TEST((one.positions() == positions{1, 2, 3}));
  one.nack(2);
  e.pass(100ms);
  BOOST_TEST(two.positions().empty());  // 1 is held by one: the stream is one's
  BOOST_TEST((one.ack({1}) == fine));
  BOOST_TEST((two.positions() == positions{2, 3}));
  BOOST_TEST((one.ack({3}) == fine));  // it had done that before it knew
  BOOST_TEST((two.ack({2}) == fine));
  BOOST_TEST(e.engine().health().subscriptions.at(0).at == 3u);
}

BOOST_AUTO_TEST_CASE(subscriptions_do_not_know_of_each_other) {
  memory_store store;
  virtual_engine e{store};
  e.note("a");
  member mail{e, "mail"}, search{e, "search"};
  BOOST_TEST((mail.positions() == positions{1}));
  BOOST_TEST((mail.ack({1}) == fine));
  BOOST_TEST((search.positions() == positions{1}));
  BOOST_TEST(e.engine().health().subscriptions.size() == 2u);
}

BOOST_AUTO_TEST_SUITE_END()
