// Events that a host could not handle: parked, retried, skipped; and subscriptions that stop.
#include "actors/subscriptions/exhausted_members.hpp"
#include "support/printed.hpp"

#include <boost/test/unit_test.hpp>

using namespace annals;
using namespace std::chrono_literals;

namespace {

errc asks(virtual_engine& e, member& one) {
  const auto asked = one.ask(100, 0ms);
  e.settle();
  const auto answer = asked.answered->await();
  return answer ? errc{0} : answer.error().code;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(parked_by_subscriptions)

BOOST_AUTO_TEST_CASE(case_24_what_comes_to_nothing_is_parked_and_the_rest_goes_on) {
  memory_store store;
  {
    virtual_engine e{store};
    e.note("a"), e.note("b"), e.note("a");
    member one{e, "mail", twice()};
    exhaust(e, one, 1);
    BOOST_TEST((one.positions() == positions{3}));  // what is behind it in its stream, too
    BOOST_TEST((one.ack({2, 3}) == fine));
    const auto parked = one.parked();
    BOOST_TEST_REQUIRE(parked.size() == 1u);
    BOOST_TEST(parked[0].at == 1u);
    BOOST_TEST(parked[0].stream == "counter-a");
    BOOST_TEST(parked[0].error == "attempt 2");
    BOOST_TEST(parked[0].attempts == 2u);
    BOOST_TEST(parked[0].time > 1'000'000);
    const auto now = e.engine().health().subscriptions.at(0);
    BOOST_TEST(now.at == 3u);
    BOOST_TEST(now.parked == 1u);
    BOOST_TEST(!e.engine().health().well());
    e.log().crash();
  }
  store.index = std::make_shared<store::memory_derived_disk>();  // it cannot be derived
  virtual_engine e{store};
  member one{e, "mail", twice()};
  BOOST_TEST(one.positions().empty());
  BOOST_TEST((parked_at(one) == positions{1}));
}

BOOST_AUTO_TEST_CASE(case_24_of_a_long_reason_the_beginning_is_kept) {
  memory_store store;
  virtual_engine e{store};
  e.note("a");
  member one{e, "mail", twice()};
  for (int i = 0; i < 2; ++i) {
    BOOST_TEST((one.positions() == positions{1}));
    one.nack(1, std::string(20u << 20, 'x'));
    e.pass(10'000ms);
  }
  const auto parked = one.parked();
  BOOST_TEST_REQUIRE(parked.size() == 1u);
  BOOST_TEST(parked[0].error.size() <= 1'024u);
}

BOOST_AUTO_TEST_CASE(case_24_time_outs_count_as_attempts) {
  memory_store store;
  virtual_engine e{store};
  e.note("a");
  member one{e, "mail", twice()};
  BOOST_TEST((one.positions() == positions{1}));
  e.pass(10'100ms);
  e.pass(100ms);
  BOOST_TEST((one.positions() == positions{1}));
  e.pass(10'100ms);
  BOOST_TEST(one.positions().empty());
  e.settle();
  BOOST_TEST(one.parked().at(0).error == "not acknowledged in time");
  BOOST_TEST((one.ack({1}) == fine));  // late, and done after all
  BOOST_TEST(one.parked().empty());
}

BOOST_AUTO_TEST_CASE(a_retried_event_stays_parked_until_it_is_acknowledged) {
  memory_store store;
  {
    virtual_engine e{store};
    e.note("a"), e.note("a"), e.note("a");
    member one{e, "mail", twice()};
    exhaust(e, one, 1);
    BOOST_TEST((one.positions() == positions{2, 3}));
    BOOST_TEST((one.ack({2, 3}) == fine));
    BOOST_TEST((one.retry(2) == errc::not_found));
    BOOST_TEST((one.retry(1) == fine));
    BOOST_TEST((one.retry(1) == fine));  // it is being retried
    BOOST_TEST((parked_at(one) == positions{1}));
    exhaust(e, one, 1);
    BOOST_TEST(one.positions().empty());
    BOOST_TEST(one.parked().at(0).attempts == 2u);
    BOOST_TEST((one.retry(1) == fine));
    BOOST_TEST((one.positions() == positions{1}));
    e.log().crash();
  }
  virtual_engine e{store};
  member one{e, "mail", twice()};
  BOOST_TEST((parked_at(one) == positions{1}));
  BOOST_TEST(one.positions().empty());
  BOOST_TEST((one.retry(1) == fine));
  BOOST_TEST((one.positions() == positions{1}));
  BOOST_TEST((one.ack({1}) == fine));
  BOOST_TEST(one.parked().empty());
  BOOST_TEST(store.log->control.size() == 1u);  // the checkpoint is left
}

BOOST_AUTO_TEST_CASE(a_skipped_event_is_given_up_for_good) {
  memory_store store;
  {
    virtual_engine e{store};
    e.note("a");
    member one{e, "mail", twice()};
    exhaust(e, one, 1);
    BOOST_TEST((one.skip(2) == errc::not_found));
    BOOST_TEST((one.skip(1) == fine));
    BOOST_TEST((one.skip(1) == errc::not_found));
    e.log().crash();
  }
  virtual_engine e{store};
  member one{e, "mail", twice()};
  BOOST_TEST(one.parked().empty());
  BOOST_TEST(one.positions().empty());
}

BOOST_AUTO_TEST_CASE(case_24_with_park_stream_what_is_behind_is_parked_too_and_follows_when_the_first_is_retried) {
  memory_store store;
  const auto with = twice(on_failure::park_stream);
  {
    virtual_engine e{store};
    e.note("a"), e.note("a"), e.note("b"), e.note("a");
    member one{e, "mail", with};
    exhaust(e, one, 2);
    BOOST_TEST((one.ack({1, 3}) == fine));
    BOOST_TEST((parked_at(one) == positions{2, 4}));
    BOOST_TEST(one.parked()[1].error == "waits for position 2");
    BOOST_TEST(one.parked()[1].attempts == 0u);
  }
  virtual_engine e{store};
  member one{e, "mail", with};
  e.note("a"), e.note("b");
  BOOST_TEST((one.positions() == positions{6}));  // 5 comes later, and is behind, too
  e.settle();
  BOOST_TEST((parked_at(one) == positions{2, 4, 5}));
  BOOST_TEST((one.ack({6}) == fine));
  BOOST_TEST((one.retry(4) == errc::misuse));
  BOOST_TEST((one.retry(2) == fine));
  e.note("a");
  BOOST_TEST((one.positions(2) == positions{2, 4}));
  BOOST_TEST((one.ack({2}) == fine));
  one.nack(4), e.pass(200ms);
  BOOST_TEST((one.positions() == positions{4, 5}));
  BOOST_TEST((one.positions() == positions{7}));
  one.nack(4), e.pass(200ms);  // again to nothing: and so are those behind
  BOOST_TEST(one.positions().empty());
  e.settle();
  BOOST_TEST((parked_at(one) == positions{4, 5, 7}));
  BOOST_TEST((one.skip(4) == fine));
  BOOST_TEST(one.positions().empty());
  BOOST_TEST((one.retry(5) == fine));
  BOOST_TEST((one.positions() == positions{5, 7}));
  BOOST_TEST((one.ack({5, 7}) == fine));
  BOOST_TEST(one.parked().empty());
  e.note("a");
  BOOST_TEST((one.positions() == positions{8}));
}

/// One of the stream that was handed out before is still held when the one behind it is parked.
BOOST_AUTO_TEST_CASE(case_24_with_park_stream_an_earlier_event_in_flight_does_not_open_the_stream) {
  memory_store store;
  virtual_engine e{store};
  e.note("a"), e.note("a");
  member one{e, "mail", twice(on_failure::park_stream)};
  exhaust(e, one, 2);
  e.note("a");
  BOOST_TEST(one.positions().empty());
  e.settle();
  BOOST_TEST((parked_at(one) == positions{2, 3}));
  BOOST_TEST(e.engine().health().subscriptions.at(0).in_flight == 1u);
}

BOOST_AUTO_TEST_CASE(case_24_with_stop_nothing_is_handed_out_until_somebody_decides) {
  for (const bool is_retried : {true, false}) {
    memory_store store;
    virtual_engine e{store};
    e.note("a"), e.note("b");
    member one{e, "mail", twice(on_failure::stop)};
    exhaust(e, one, 1);
    BOOST_TEST((asks(e, one) == errc::subscription_stopped));
    const auto now = e.engine().health().subscriptions.at(0);
    BOOST_TEST_REQUIRE(now.stopped.has_value());
    BOOST_TEST(now.stopped->place == 1u);
    BOOST_TEST(now.stopped->message().find("attempt 2") != std::string::npos);
    BOOST_TEST(!e.engine().health().well());
    BOOST_TEST((one.ack({2}) == fine));
    BOOST_TEST((one.skip(2) == errc::not_found));
    BOOST_TEST(((is_retried ? one.retry(1) : one.skip(1)) == fine));
    BOOST_TEST(e.engine().health().well());
    e.settle();
    const auto again = one.take();
    BOOST_TEST(again.size() == (is_retried ? 1u : 0u));
    if (is_retried) BOOST_TEST(again.at(0).attempt == 1u);
    BOOST_TEST((asks(e, one) == fine));
    BOOST_TEST(one.parked().empty());
  }
}

BOOST_AUTO_TEST_CASE(case_24_what_it_stopped_at_first_is_decided_first) {
  memory_store store;
  virtual_engine e{store};
  e.note("a"), e.note("b");
  member one{e, "mail", {.failure = {.attempts = 1, .then = on_failure::stop}}};
  BOOST_TEST((one.positions() == positions{1, 2}));
  one.nack(1), one.nack(2);
  BOOST_TEST(e.engine().health().subscriptions.at(0).stopped->place == 1u);
  BOOST_TEST((one.skip(1) == fine));
  BOOST_TEST((one.positions() == positions{2}));
  one.nack(2);
  BOOST_TEST(e.engine().health().subscriptions.at(0).stopped->place == 2u);
}

BOOST_AUTO_TEST_CASE(case_24_it_stops_rather_than_park_without_end) {
  memory_store store;
  virtual_engine e{store};
  for (int i = 0; i < 4; ++i) e.note(std::to_string(i));
  auto with = twice();
  with.parked_max = 2;
  member one{e, "mail", with};
  exhaust(e, one, 1);
  exhaust(e, one, 2);
  BOOST_TEST((asks(e, one) == fine));
  one.nack(3), e.pass(200ms);
  one.positions();
  one.nack(3), e.pass(200ms);
  BOOST_TEST((asks(e, one) == errc::subscription_stopped));
  BOOST_TEST((parked_at(one) == positions{1, 2}));
  BOOST_TEST((one.skip(1) == fine));
  BOOST_TEST((one.retry(3) == fine));
  e.settle();
  exhaust(e, one, 3);
  BOOST_TEST((parked_at(one) == positions{2, 3}));
}

BOOST_AUTO_TEST_CASE(case_24_the_checkpoint_and_the_parked_entry_are_one_commit) {
  for (const bool durable_all_the_same : {false, true}) {
    memory_store store;
    {
      virtual_engine e{store};
      e.note("a");
      member one{e, "mail", twice()};
      one.positions(), one.nack(1), e.pass(200ms), one.positions();
      e.log().set_faults({.failed_is_durable = durable_all_the_same, .drain_fails = true});
      one.nack(1), e.pass(200ms);
    }
    virtual_engine e{store};
    member one{e, "mail", twice()};
    BOOST_TEST(one.parked().size() == (durable_all_the_same ? 1u : 0u));
    BOOST_TEST(one.positions().size() == (durable_all_the_same ? 0u : 1u));
  }
}

BOOST_AUTO_TEST_SUITE_END()
