// What a projection, a process manager and a subscription do about an event that they cannot handle is one mechanism: each situation,
// for each of them.
#include "actors/dead_letters/owners.hpp"
#include "support/printed.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>

using namespace dead_letters;

BOOST_TEST_DONT_PRINT_LOG_VALUE(std::optional<annals::errc>)

namespace {

template <class Situation>
void for_each_owner(Situation&& situation) {
  for (const auto& one : owners) BOOST_TEST_CONTEXT(one.name) {
      cures = false;
      memory_store store;
      situation(one, store);
    }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(dead_letters_of_every_owner)

BOOST_AUTO_TEST_CASE(what_fails_at_every_attempt_is_parked_with_its_reason_and_the_others_go_on) {
  for_each_owner([](const row& one, const memory_store& store) {
    const auto of = one.open(store);
    const auto at = of->write({"a 1", "a bad", "b 1", "a 2"});
    const auto parked = of->parked();
    BOOST_TEST_REQUIRE(parked.size() == (one.has_lanes ? 2u : 1u));
    BOOST_TEST(parked[0].at == at[1]);
    BOOST_TEST(parked[0].attempts == attempts);
    BOOST_TEST(parked[0].error.find("does not like a bad") != std::string::npos);
    BOOST_TEST(parked[0].stream.ends_with("-a"));
    BOOST_TEST(parked[0].time > 1'000'000);
    if (one.has_lanes) {
      BOOST_TEST(parked[1].at == at[3]);
      BOOST_TEST(parked[1].attempts == 0u);
      BOOST_TEST(parked[1].error == "waits for position " + std::to_string(at[1]));
    }
    BOOST_TEST((of->handled() == (one.has_lanes ? texts{"a 1", "b 1"} : texts{"a 1", "b 1", "a 2"})));
  });
}

BOOST_AUTO_TEST_CASE(a_retry_handles_it_and_then_what_waits_for_it) {
  for_each_owner([](const row& one, const memory_store& store) {
    const auto of = one.open(store);
    const auto at = of->write({"a bad", "a 2", "a 3"});
    if (one.has_lanes) {
      BOOST_TEST((of->retry(at[1]) == errc::misuse));
      BOOST_TEST(of->place_in_error(at[2], true) == at[0]);
    }
    (void)of->retry(at[0]);
    BOOST_TEST_REQUIRE(!of->parked().empty());
    BOOST_TEST(of->parked()[0].attempts >= attempts);
    cures = true;
    BOOST_TEST((of->retry(at[0]) == fine));
    BOOST_TEST(of->parked().empty());
    BOOST_TEST((of->handled() == (one.has_lanes ? texts{"a bad", "a 2", "a 3"} : texts{"a 2", "a 3", "a bad"})));
    (void)of->write({"a 4"});
    BOOST_TEST(of->handled().back() == "a 4");
  });
}

BOOST_AUTO_TEST_CASE(a_skip_lets_go_on_what_waits_for_it_and_holds_in_every_later_run) {
  for_each_owner([](const row& one, const memory_store& store) {
    {
      const auto of = one.open(store);
      const auto at = of->write({"a bad", "a 2"});
      BOOST_TEST((of->skip(at[0]) == fine));
      if (!of->parked().empty()) BOOST_TEST((of->retry(at[1]) == fine));  // a subscription's stream goes on by a retry
      BOOST_TEST(of->parked().empty());
      BOOST_TEST((of->handled() == texts{"a 2"}));
      of->e.log().crash();
    }
    cures = true;
    const auto of = one.open(store);
    of->work();
    (void)of->write({"a 3"});
    const auto seen = of->handled();
    BOOST_TEST(std::count(seen.begin(), seen.end(), "a bad") == 0);
    BOOST_TEST(seen.back() == "a 3");
    BOOST_TEST(of->parked().empty());
  });
}

BOOST_AUTO_TEST_CASE(nothing_is_parked_where_nothing_is_parked) {
  for_each_owner([](const row& one, const memory_store& store) {
    const auto of = one.open(store);
    const auto at = of->write({"a 1", "a bad"});
    for (const bool is_retry : {true, false}) {
      for (const position none : {position{0}, at[0], position{1'000}}) {
        const auto asked = of->order(none, is_retry);
        of->e.settle();
        BOOST_TEST((asked->await().error().code == errc::not_found));
        BOOST_TEST(asked->await().error().place == none);
      }
    }
    BOOST_TEST((of->skip(at[1]) == fine));
    BOOST_TEST((of->skip(at[1]) == errc::not_found));
    BOOST_TEST((of->retry(at[1]) == errc::not_found));
  });
}

BOOST_AUTO_TEST_CASE(a_retry_that_meets_a_skip_is_refused_and_a_second_skip_gets_the_answer_of_the_first) {
  for_each_owner([](const row& one, const memory_store& store) {
    const auto of = one.open(store);
    const auto at = of->write({"a bad", "a 2"});
    cures = true;
    of->write_slowly();
    const auto first = of->order(at[0], false);
    of->e.run();
    const auto retried = of->order(at[0], true);
    const auto second = of->order(at[0], false);
    of->e.run();
    BOOST_TEST(!first->is_answered());
    BOOST_TEST(!second->is_answered());
    BOOST_TEST_REQUIRE(retried->is_answered());
    BOOST_TEST((of->code_of(retried) == errc::misuse));
    BOOST_TEST(retried->await().error().place == at[0]);
    of->e.pass(5s);
    of->work();
    BOOST_TEST((of->code_of(first) == fine));
    BOOST_TEST((of->code_of(second) == fine));
    const auto seen = of->handled();
    BOOST_TEST(std::count(seen.begin(), seen.end(), "a bad") == 0);
  });
}

BOOST_AUTO_TEST_CASE(a_skip_that_is_not_durable_has_not_happened) {
  for_each_owner([](const row& one, const memory_store& store) {
    position bad = 0;
    {
      const auto of = one.open(store);
      bad = of->write({"a bad"})[0];
      of->write_slowly();
      const auto asked = of->order(bad, false);
      of->e.run();
      BOOST_TEST(!asked->is_answered());
      of->e.log().crash();
    }
    const auto of = one.open(store);
    of->work();
    BOOST_TEST((of->parked_at() == places{bad}));
  });
}

BOOST_AUTO_TEST_CASE(a_start_with_a_program_that_can_handle_it_needs_no_retry_but_for_a_subscription) {
  for_each_owner([](const row& one, const memory_store& store) {
    position bad = 0;
    {
      const auto of = one.open(store);
      bad = of->write({"a bad", "a 2"})[0];
      of->e.log().crash();
    }
    cures = true;
    const auto of = one.open(store);
    of->work();
    if (!of->parked().empty()) BOOST_TEST((of->retry(bad) == fine));  // its host decides when
    BOOST_TEST(of->parked().empty());
    const auto seen = of->handled();
    BOOST_TEST(std::count(seen.begin(), seen.end(), "a bad") == 1);
  });
}

BOOST_AUTO_TEST_SUITE_END()
