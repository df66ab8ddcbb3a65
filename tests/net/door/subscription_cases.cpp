// Members of subscriptions on other nodes, over links that are lost.
#include "net/wire/records.hpp"
#include "support/net/far_world.hpp"

#include <boost/test/unit_test.hpp>

#include <utility>

using namespace std::chrono_literals;
using annals::net::call;

namespace {

struct handed_out {
  std::vector<std::pair<annals::position, std::uint32_t>> events;  // each with its attempt
  friend bool operator==(const handed_out&, const handed_out&) = default;
};

handed_out events_of(const std::shared_ptr<annals::detail::waiter>& answered) {
  handed_out found;
  annals::net::read_batch(answered->await().value().bytes, [&](const annals::record_view& record, std::uint32_t attempt) {
    found.events.emplace_back(record.at, attempt);
    return true;
  }).value();
  return found;
}

/// A caller elsewhere with a member of a subscription whose events are parked after two attempts, and five events for it.
struct subscribed {
  subscribed() : far(&w.add_caller()) {
    annals::net::subscribe_call asked;
    asked.name = "mails";
    asked.attempts = 2;
    asked.ack_time_out_ms = 30'000;
    member = annals::decoded<annals::net::member_call>(answer(call::subscribe, asked)->await().value().bytes).value().member;
    for (int i = 0; i < 5; ++i) w.engine().add("a");
  }
  template <class Asked>
  std::shared_ptr<annals::detail::waiter> answer(call what, const Asked& asked) {
    const auto answered = far->ask(what, asked);
    BOOST_REQUIRE(w.until([&] { return answered->is_answered(); }));
    return answered;
  }
  void restart() {
    w.kill_server();
    BOOST_REQUIRE(w.until([&] { return !far->calls.is_linked(); }));
    w.start_server();
    BOOST_REQUIRE(w.link_up(*far));
  }
  std::size_t parked() { return w.engine().engine().health().subscriptions.at(0).parked; }

  far_world w;
  far_caller* far;
  std::uint64_t member = 0;
};

const handed_out all_five{{{1, 1}, {2, 1}, {3, 1}, {4, 1}, {5, 1}}};

}  // namespace

BOOST_AUTO_TEST_SUITE(subscriptions)

BOOST_AUTO_TEST_CASE(case_147_a_blip_during_a_batch_does_not_count_as_an_attempt) {
  subscribed s;
  const auto asked = s.far->ask(call::next, annals::net::next_call{s.member, 10, 1'000});
  s.far->step();
  // The link is lost again and again before the events have arrived: more often than there are attempts.
  for (int blip = 0; blip < 6; ++blip) {
    s.w.net.cut_one_way(1, 1ms);
    s.w.net.least_delay = s.w.net.most_delay = 30ms;
    BOOST_REQUIRE(s.w.until([&] { return !s.far->calls.is_linked(); }));
    BOOST_REQUIRE(s.w.until([&] { return s.far->calls.is_linked(); }));
    BOOST_TEST(!asked->is_answered());
  }
  s.w.net.least_delay = s.w.net.most_delay = 1ms;
  BOOST_REQUIRE(s.w.until([&] { return asked->is_answered(); }));
  BOOST_TEST((events_of(asked) == all_five));
  BOOST_TEST(s.parked() == 0u);
  // The member is the same one: what it acknowledges does not come again.
  BOOST_TEST(outcome_of(s.answer(call::ack, annals::net::ack_call{s.member, {1, 2, 3, 4, 5}})) == "accepted");
  BOOST_TEST(events_of(s.answer(call::next, annals::net::next_call{s.member, 10, 10})).events.empty());
}

BOOST_AUTO_TEST_CASE(case_147_an_acknowledgement_that_a_blip_has_cut_off_is_sent_again) {
  for (const int mute : {0, 1}) {
    subscribed s;
    BOOST_TEST((events_of(s.answer(call::next, annals::net::next_call{s.member, 10, 1'000})) == all_five));
    const auto acked = s.far->ask(call::ack, annals::net::ack_call{s.member, {1, 2, 3}});
    s.w.net.cut_one_way(mute, 1ms);  // neither it nor its answer arrives
    BOOST_REQUIRE(s.w.until([&] { return acked->is_answered(); }));
    BOOST_TEST(outcome_of(acked) == "accepted");
    BOOST_TEST(s.far->events.size() >= 3u);
    s.w.pass(40s);  // the time for the others is over
    const auto again = events_of(s.answer(call::next, annals::net::next_call{s.member, 10, 1'000}));
    BOOST_TEST((again == handed_out{{{4, 2}, {5, 1}}}));  // the first of a stream bears the attempt
  }
}

BOOST_AUTO_TEST_CASE(a_number_of_a_member_names_nobody_after_a_restart) {
  subscribed s;
  s.w.pass(1s);  // the events are in LMDB
  s.restart();
  // Another subscription of the same handle joins first. What the member of before says is not taken for its own.
  annals::net::subscribe_call other;
  other.name = "bills";
  const auto joined = annals::decoded<annals::net::member_call>(s.answer(call::subscribe, other)->await().value().bytes).value().member;
  BOOST_TEST((events_of(s.answer(call::next, annals::net::next_call{joined, 10, 1'000})) == all_five));
  BOOST_TEST(outcome_of(s.answer(call::ack, annals::net::ack_call{s.member, {1, 2, 3, 4, 5}})) == "not_found");
  BOOST_TEST(outcome_of(s.answer(call::next, annals::net::next_call{s.member, 10, 1'000})) == "not_found");
}

BOOST_AUTO_TEST_CASE(a_call_of_a_member_waits_for_the_next_life_of_a_node_that_closes) {
  subscribed s;
  s.w.door().refuse({annals::errc::closed, "the other node is closed"});
  s.w.pass(100ms);
  const auto asked = s.far->ask(call::next, annals::net::next_call{s.member, 10, 1'000});
  BOOST_TEST(outcome_of(s.answer(call::head, annals::net::nothing_call{})) == "closed");
  s.w.pass(5s);
  BOOST_TEST(outcome_of(asked) == "nothing");
  s.restart();
  BOOST_REQUIRE(s.w.until([&] { return asked->is_answered(); }));
  BOOST_TEST(outcome_of(asked) == "not_found");  // so that it joins again
}

BOOST_AUTO_TEST_CASE(a_session_that_does_not_come_back_leaves_its_subscriptions) {
  subscribed s;
  BOOST_TEST((events_of(s.answer(call::next, annals::net::next_call{s.member, 10, 1'000})) == all_five));
  BOOST_TEST(s.w.engine().engine().health().subscriptions.at(0).members == 1u);
  s.w.net.forget(s.far->link, 1ms);
  s.w.callers.clear();
  s.w.pass(70s);  // an answer is kept for a minute
  BOOST_TEST(s.w.engine().engine().health().subscriptions.at(0).members == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
