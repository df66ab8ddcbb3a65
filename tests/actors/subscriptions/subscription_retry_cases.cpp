// Retries in order: behind what precedes them in their stream, also where that is not read yet.
#include "actors/subscriptions/exhausted_members.hpp"
#include "support/printed.hpp"

#include <boost/test/unit_test.hpp>

using namespace annals;

BOOST_AUTO_TEST_SUITE(retried_by_subscriptions)

BOOST_AUTO_TEST_CASE(a_retry_waits_for_what_precedes_it_in_its_stream_and_is_not_read_again_yet) {
  for (const auto then : {on_failure::park_event, on_failure::park_stream}) {
    memory_store store;
    {
      virtual_engine e{store};
      e.note("a"), e.note("a"), e.note("a");
      member one{e, "mail", twice(then)};
      exhaust(e, one, 2);
      BOOST_TEST((parked_at(one) == (then == on_failure::park_event ? positions{2} : positions{2, 3})));
      e.log().crash();
    }
    virtual_engine e{store};
    member one{e, "mail", twice(then)};
    BOOST_TEST((one.retry(2) == fine));
    BOOST_TEST((one.positions() == positions{1, 2, 3}));
    BOOST_TEST((one.ack({1, 2, 3}) == fine));
    BOOST_TEST(one.parked().empty());
  }
}

BOOST_AUTO_TEST_CASE(a_stream_that_is_parked_again_keeps_back_what_was_to_be_retried_and_is_not_read_yet) {
  auto one_by_one = twice(on_failure::park_stream);
  one_by_one.in_flight_max = one_by_one.open_max = 1;
  memory_store store;
  {
    virtual_engine e{store};
    e.note("a"), e.note("a"), e.note("a");
    member one{e, "mail", twice(on_failure::park_stream)};
    exhaust(e, one, 2);
    BOOST_TEST((parked_at(one) == positions{2, 3}));
    e.log().crash();
  }
  virtual_engine e{store};
  member one{e, "mail", one_by_one};
  BOOST_TEST((one.retry(2) == fine));
  BOOST_TEST((one.positions() == positions{1}));
  BOOST_TEST((one.ack({1}) == fine));
  exhaust(e, one, 2);
  BOOST_TEST(one.positions().empty());
  BOOST_TEST((parked_at(one) == positions{2, 3}));
}

BOOST_AUTO_TEST_CASE(what_lies_between_two_that_are_retried_comes_between_them) {
  auto once = twice(on_failure::park_stream);
  once.failure.attempts = 1;
  memory_store store;
  {
    virtual_engine e{store};
    e.note("b"), e.note("a");
    member one{e, "mail", once};
    BOOST_TEST((one.positions() == positions{1, 2}));
    one.nack(2, "for now");
    e.settle();
    BOOST_TEST((one.retry(2) == fine));
    e.note("a"), e.note("a");
    BOOST_TEST((one.positions() == positions{2}));
    BOOST_TEST((one.positions() == positions{3, 4}));
    one.nack(4, "for now");
    e.settle();
    BOOST_TEST((parked_at(one) == positions{2, 4}));
    e.log().crash();
  }
  virtual_engine e{store};
  member one{e, "mail", once};
  BOOST_TEST((one.retry(2) == fine));
  BOOST_TEST((one.positions() == positions{1, 2, 3, 4}));
  BOOST_TEST((parked_at(one) == positions{2, 4}));  // until they are acknowledged
}

BOOST_AUTO_TEST_SUITE_END()
