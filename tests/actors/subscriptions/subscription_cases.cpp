// One member of a subscription: what it is handed, what it acknowledges, and what is left of that after a crash.
#include "support/printed.hpp"
#include "support/virtual_engine.hpp"

#include <boost/test/unit_test.hpp>

using namespace annals;
using namespace std::chrono_literals;

namespace {

subscription_health shown(virtual_engine& e) { return e.engine().health().subscriptions.at(0); }

}  // namespace

BOOST_AUTO_TEST_SUITE(subscriptions)

BOOST_AUTO_TEST_CASE(every_event_is_handed_out_in_order_and_what_is_acknowledged_does_not_come_again) {
  memory_store store;
  {
    virtual_engine e{store};
    for (int i = 0; i < 5; ++i) e.note("a", std::to_string(i));
    member one{e, "mail"};
    const auto first = one.take(3);
    BOOST_TEST_REQUIRE(first.size() == 3u);
    BOOST_TEST(first[1].record.at == 2u);
    BOOST_TEST(first[1].record.stream == "counter-a");
    BOOST_TEST(first[1].record.type == "noted");
    BOOST_TEST(first[1].record.version == 2u);
    BOOST_TEST(first[1].attempt == 1u);
    BOOST_TEST(std::get<world::noted>(first[1].event<world::counter>().value()).text == "1");
    BOOST_TEST((one.ack({1, 2, 3}) == fine));
    BOOST_TEST((one.positions() == positions{4, 5}));
    BOOST_TEST(one.positions().empty());
    BOOST_TEST(shown(e).at == 3u);
    BOOST_TEST(shown(e).in_flight == 2u);
  }
  store.index = std::make_shared<store::memory_derived_disk>();  // derived/ is lost
  virtual_engine e{store};
  member one{e, "mail"};
  BOOST_TEST((one.positions() == positions{4, 5}));
  BOOST_TEST((member{e, "other"}.positions() == positions{1, 2, 3, 4, 5}));
}

BOOST_AUTO_TEST_CASE(who_waits_gets_what_comes) {
  memory_store store;
  virtual_engine e{store};
  member one{e, "mail"};
  const auto asked = one.ask();
  e.pass(9s);
  BOOST_TEST(!asked.answered->is_answered());
  e.note("a");
  BOOST_TEST_REQUIRE(asked.answered->is_answered());
  BOOST_TEST(asked.batch->size() == 1u);
  const auto late = one.ask(1, 10s);
  e.pass(9'999ms);
  BOOST_TEST(!late.answered->is_answered());
  e.pass(2ms);
  BOOST_TEST_REQUIRE(late.answered->is_answered());
  BOOST_TEST(late.answered->await().has_value());
  BOOST_TEST(late.batch->empty());
}

BOOST_AUTO_TEST_CASE(a_subscription_begins_where_it_is_told_and_that_is_durable) {
  memory_store store;
  {
    virtual_engine e{store};
    for (int i = 0; i < 4; ++i) e.note("a");
    BOOST_TEST((member{e, "third", {.from = 3}}.positions() == positions{3, 4}));
    member{e, "new", {.from = at_head}};
    BOOST_TEST((member{e, "next", {.from = 5}}.positions().empty()));
    const auto past = e.engine().subscribe("past", {.from = 6}).value();
    e.settle();
    BOOST_TEST((past.joined->await().error().code == errc::bad_option));
    e.note("a");
    e.log().crash();
  }
  virtual_engine e{store};
  BOOST_TEST((member{e, "third", {.from = 3}}.positions() == positions{3, 4, 5}));
  BOOST_TEST((member{e, "new", {.from = at_head}}.positions() == positions{5}));
  e.note("a");
  BOOST_TEST((member{e, "new", {.from = 2}}.positions() == positions{5, 6}));  // it is there already
  BOOST_TEST((member{e, "new", {.from = 2, .reset = true}}.positions() == positions{2, 3, 4, 5, 6}));
  BOOST_TEST((member{e, "new"}.positions() == positions{2, 3, 4, 5, 6}));
}

BOOST_AUTO_TEST_CASE(a_filter_takes_categories_and_types_and_the_checkpoint_passes_the_rest) {
  memory_store store;
  {
    virtual_engine e{store};
    e.note("a"), e.add("a"), e.note("b"), e.add("b");
    member one{e, "notes", {.categories = {"counter"}, .types = {"noted"}}};
    BOOST_TEST((one.positions() == positions{1, 3}));
    BOOST_TEST((one.ack({1, 3}) == fine));
    BOOST_TEST(shown(e).at == 4u);
    BOOST_TEST((member{e, "none", {.from = 5, .categories = {"counter"}, .types = {"added"}}}.positions().empty()));
  }
  virtual_engine e{store};
  BOOST_TEST((member{e, "notes"}.positions().empty()));  // with another filter: what was passed over is done with
}

BOOST_AUTO_TEST_CASE(nothing_is_ever_passed_that_was_not_acknowledged) {
  memory_store store;
  {
    virtual_engine e{store};
    for (int i = 0; i < 6; ++i) e.note(std::to_string(i % 2));
    member one{e, "mail"};
    one.positions();
    BOOST_TEST((one.ack({6}) == fine));
    BOOST_TEST((one.ack({1, 3, 4}) == fine));
    BOOST_TEST(shown(e).at == 1u);
    e.log().crash();
  }
  virtual_engine e{store};
  member one{e, "mail"};
  BOOST_TEST((one.positions() == positions{2, 5}));
  BOOST_TEST((one.ack({2, 5, 6}) == fine));  // what is done with may be acknowledged again
  BOOST_TEST(shown(e).at == 6u);
}

BOOST_AUTO_TEST_CASE(an_acknowledgement_is_answered_when_it_is_durable) {
  memory_store store;
  {
    virtual_engine e{store};
    e.note("a"), e.note("a");
    member one{e, "mail"};
    one.positions();
    const auto first = one.in().ack({1});
    e.settle();
    BOOST_TEST(first->is_answered());
    const auto call = one.in().ack({2});
    e.run();
    BOOST_TEST(!call->is_answered());
    e.log().crash();
  }
  virtual_engine e{store};
  BOOST_TEST((member{e, "mail"}.positions() == positions{2}));
}

BOOST_AUTO_TEST_CASE(what_was_not_handed_out_cannot_be_acknowledged_and_nothing_with_it) {
  memory_store store;
  virtual_engine e{store};
  for (int i = 0; i < 4; ++i) e.note("a");
  member one{e, "mail"};
  one.positions(2);
  BOOST_TEST((one.ack({1, 3}) == errc::not_found));
  BOOST_TEST((one.ack({77}) == errc::not_found));
  BOOST_TEST((one.ack({0}) == errc::not_found));
  BOOST_TEST((one.code_of(one.in().nack(0, "no")) == errc::not_found));
  BOOST_TEST((one.code_of(one.in().nack(4, "no")) == errc::not_found));
  BOOST_TEST(shown(e).at == 0u);
}

BOOST_AUTO_TEST_CASE(what_is_refused_comes_again_after_growing_pauses_and_its_stream_waits) {
  memory_store store;
  virtual_engine e{store};
  e.note("a"), e.note("a"), e.note("b");
  member one{e, "mail", {.failure = {.attempts = 9, .first_pause = 3s}}};
  BOOST_TEST((one.positions() == positions{1, 2, 3}));
  BOOST_TEST((one.ack({3}) == fine));
  std::uint32_t attempt = 1;
  for (const auto pause : {3'000ms, 6'000ms, 10'000ms, 10'000ms}) {
    one.nack(1);
    e.pass(pause - 1ms);
    BOOST_TEST(one.positions().empty());  // nor what is behind it in its stream
    e.pass(1ms);
    const auto again = one.take();
    BOOST_TEST_REQUIRE(again.size() == 2u);
    BOOST_TEST(again[0].record.at == 1u);
    BOOST_TEST(again[0].attempt == ++attempt);
    BOOST_TEST(again[1].record.at == 2u);
    BOOST_TEST(again[1].attempt == 1u);  // it was taken away for another's sake
  }
}

BOOST_AUTO_TEST_CASE(what_is_not_acknowledged_in_time_comes_again_and_may_still_be_acknowledged) {
  memory_store store;
  virtual_engine e{store};
  e.note("a"), e.note("b");
  member one{e, "mail", {.ack_time_out = 1s, .failure = {.first_pause = 100ms}}};
  BOOST_TEST((one.positions() == positions{1, 2}));
  e.pass(990ms);
  BOOST_TEST(one.positions().empty());
  BOOST_TEST((one.ack({2}) == fine));
  e.pass(120ms);
  BOOST_TEST((one.positions() == positions{1}));
  e.pass(1s);
  BOOST_TEST((one.ack({1}) == fine));
  e.pass(10s);
  BOOST_TEST(one.positions().empty());
  BOOST_TEST(shown(e).at == 2u);
}

BOOST_AUTO_TEST_CASE(case_26_a_slow_subscriber_holds_so_much_and_goes_on_where_it_was) {
  memory_store store;
  virtual_engine e{store};
  for (int i = 0; i < 40; ++i) e.note(std::to_string(i));
  member one{e, "mail", {.in_flight_max = 5, .open_max = 10}};
  BOOST_TEST((one.positions() == positions{1, 2, 3, 4, 5}));
  BOOST_TEST(one.positions().empty());
  BOOST_TEST(shown(e).in_flight == 5u);
  const auto waits = one.ask(3);
  e.run();
  BOOST_TEST(!waits.answered->is_answered());
  BOOST_TEST((one.ack({2, 4}) == fine));  // makes room for two
  BOOST_TEST(waits.batch->size() == 2u);
  for (position at = 1; at <= 7; ++at) BOOST_TEST((one.ack({at}) == fine));
  BOOST_TEST((one.positions(2) == positions{8, 9}));
}

BOOST_AUTO_TEST_SUITE_END()
