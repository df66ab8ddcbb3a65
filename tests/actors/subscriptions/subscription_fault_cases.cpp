// What can go wrong around a subscription: closing, full disks, failed logs, damage, and mistakes of the host.
#include "store/log/record.hpp"
#include "support/printed.hpp"
#include "support/virtual_engine.hpp"

#include <boost/test/unit_test.hpp>

using namespace annals;
using namespace std::chrono_literals;

namespace {

struct garble {
  static constexpr auto about = describe("garble", 1);
};
struct garbled {
  encoded_value text;  // the last byte of its record
  static constexpr auto about = describe<&garbled::text>("garbled", 1);
};
/// Its events are made such that cannot be decoded, not even without their types.
struct garbler {
  static constexpr std::string_view category = "garbler";
  using commands = types<garble>;
  using events = types<garbled>;
  struct state {};
  static decision<garbler> decide(const state&, const garble&, const context&) { return garbled{}; }
  static void evolve(state&, const garbled&) {}
};

}  // namespace

BOOST_AUTO_TEST_SUITE(subscription_faults)

BOOST_AUTO_TEST_CASE(closing_answers_everybody_and_keeps_what_was_decided) {
  memory_store store;
  std::shared_ptr<detail::membership> outlives;
  {
    virtual_engine e{store};
    e.note("a");
    auto joining = e.engine().subscribe("mail", {}).value();
    e.settle();
    outlives = joining.member;
    auto got = outlives->next(10, 0ms);
    e.run();
    BOOST_TEST(got.batch->size() == 1u);
    const auto waits = outlives->next(10, 1h);
    const auto acked = outlives->ack({1});
    e.run();
    e.engine().close();
    BOOST_TEST_REQUIRE(waits.answered->is_answered());
    BOOST_TEST((waits.answered->await().error().code == errc::closed));
    BOOST_TEST_REQUIRE(acked->is_answered());
    BOOST_TEST(acked->await().has_value());
    BOOST_TEST((outlives->ack({1})->await().error().code == errc::closed));
    BOOST_TEST((e.engine().subscribe("mail", {}).error().code == errc::closed));
  }
  BOOST_TEST((outlives->next(1, 1h).answered->await().error().code == errc::closed));
  BOOST_TEST((outlives->parked().error().code == errc::closed));
  virtual_engine e{store};
  BOOST_TEST((member{e, "mail"}.positions().empty()));
}

BOOST_AUTO_TEST_CASE(case_11_without_space_an_acknowledgement_waits_and_closing_says_not_written) {
  memory_store store;
  {
    virtual_engine e{store};
    e.note("a"), e.note("a");
    member one{e, "mail"};
    one.positions();
    e.log().set_faults({.drain_no_space = 2});
    const auto first = one.in().ack({1});
    e.settle();
    BOOST_TEST(!first->is_answered());
    e.pass(2s);
    BOOST_TEST(first->is_answered());
    e.log().set_faults({.drain_no_space = 1'000});
    const auto second = one.in().ack({2});
    e.settle();
    e.engine().close();
    BOOST_TEST_REQUIRE(second->is_answered());
    BOOST_TEST((second->await().error().code == errc::not_written));
  }
  virtual_engine e{store};
  BOOST_TEST((member{e, "mail"}.positions() == positions{2}));
}

BOOST_AUTO_TEST_CASE(case_10_a_log_that_fails_stops_the_subscription) {
  memory_store store;
  virtual_engine e{store};
  e.note("a"), e.note("a");
  member one{e, "mail"};
  one.positions(1);
  e.log().set_faults({.drain_fails = true});
  BOOST_TEST((one.ack({1}) == errc::unknown));
  const auto asked = one.ask();
  e.run();
  BOOST_TEST_REQUIRE(asked.answered->is_answered());
  BOOST_TEST((asked.answered->await().error().code == errc::store_failed));
}

BOOST_AUTO_TEST_CASE(case_10_who_waits_while_the_log_fails_is_told_so_whatever_was_being_kept) {
  memory_store store;
  virtual_engine e{store};
  e.note("a"), e.note("a");
  member one{e, "mail", {.failure = {.attempts = 1, .then = on_failure::stop}}};
  BOOST_TEST((one.positions(1) == positions{1}));
  member other{e, "mail", {.failure = {.attempts = 1, .then = on_failure::stop}}};
  other.positions();
  const auto waits = other.ask();
  e.run();
  e.log().set_faults({.drain_fails = true});
  const auto refused = one.in().nack(1, "no");  // is being kept, and stops the subscription, when the log fails
  e.settle();
  BOOST_TEST_REQUIRE(refused->is_answered());
  BOOST_TEST_REQUIRE(waits.answered->is_answered());
  BOOST_TEST((waits.answered->await().error().code == errc::subscription_stopped));
  const auto asked = one.ask();
  e.run();
  BOOST_TEST_REQUIRE(asked.answered->is_answered());
  BOOST_TEST((asked.answered->await().error().code == errc::store_failed));
}

BOOST_AUTO_TEST_CASE(case_48_a_damaged_record_stops_it_there_and_says_where) {
  memory_store store;
  virtual_engine e{store};
  for (int i = 0; i < 3; ++i) e.note("a");
  store.log->records[1].back() ^= 1;
  member one{e, "mail"};
  BOOST_TEST((one.positions() == positions{1}));
  const auto asked = one.ask();
  e.run();
  BOOST_TEST((asked.answered->await().error().code == errc::subscription_stopped));
  BOOST_TEST(asked.answered->await().error().place == 2u);
  BOOST_TEST(!e.engine().health().well());
  BOOST_TEST((one.ack({1}) == fine));
  BOOST_TEST((one.skip(2) == fine));  // somebody decides so
  BOOST_TEST((one.positions() == positions{3}));
}

BOOST_AUTO_TEST_CASE(what_a_filter_leaves_out_is_not_decoded_and_what_is_handed_out_is_by_its_subscriber_only) {
  memory_store store;
  virtual_engine e{store, true, [](detail::engine& more) { more.add(detail::table_of_aggregate<garbler>()).value(); }};
  e.note("a");
  const auto sent = e.engine().send("garbler", "a", garble::about.name, encoded(garble{}), {});
  e.settle();
  BOOST_TEST_REQUIRE(sent->await().value().accepted.at == 2u);
  auto& record = store.log->records[1];
  record.back() = '\xc1';  // which begins nothing in msgpack
  store::seal_record(record.data(), record.size(), 2, 1'000'000);
  e.note("a");
  member by_type{e, "by_type", {.types = {"noted"}}}, by_category{e, "by_category", {.categories = {"counter"}}}, all{e, "all"};
  BOOST_TEST((by_type.positions() == positions{1, 3}));
  BOOST_TEST((by_category.positions() == positions{1, 3}));
  const auto handed_out = all.take();
  BOOST_TEST_REQUIRE(handed_out.size() == 3u);
  BOOST_TEST(!to_json(handed_out[1].record.payload));
  BOOST_TEST((handed_out[1].event<garbler>().error().code == errc::undecodable));
}

BOOST_AUTO_TEST_CASE(a_checkpoint_that_does_not_read_is_named) {
  memory_store store;
  store.log->control["subscription/mail"] = "nonsense";
  virtual_engine e{store};
  const auto joining = e.engine().subscribe("mail", {}).value();
  e.settle();
  const auto wrong = joining.joined->await().error();
  BOOST_TEST((wrong.code == errc::undecodable));
  BOOST_TEST(wrong.message().find("subscription/mail") != std::string::npos);
  member{e, "mai"}.positions();  // another one whose name begins alike
}

BOOST_AUTO_TEST_CASE(options_and_names_out_of_range_are_refused) {
  memory_store store;
  virtual_engine e{store};
  const auto code = [&](std::string_view name, subscription_options with) { return e.engine().subscribe(name, with).error().code; };
  BOOST_TEST((code("", {}) == errc::bad_option));
  BOOST_TEST((code("a/b", {}) == errc::bad_option));
  BOOST_TEST((code(std::string(65, 'x'), {}) == errc::bad_option));
  BOOST_TEST((code("a", {.in_flight_max = 0}) == errc::bad_option));
  BOOST_TEST((code("a", {.in_flight_max = 10, .open_max = 9}) == errc::bad_option));
  BOOST_TEST((code("a", {.ack_time_out = 0ms}) == errc::bad_option));
  BOOST_TEST((code("a", {.failure = {.attempts = 0}}) == errc::bad_option));
  BOOST_TEST((code("a", {.failure = {.first_pause = -1ms}}) == errc::bad_option));
  BOOST_TEST((code("a", {.parked_max = 0}) == errc::bad_option));
  member one{e, "mail", {.in_flight_max = 7}};
  const auto join = [&](subscription_options with) {
    const auto joining = e.engine().subscribe("mail", with).value();
    return one.code_of(joining.joined);
  };
  BOOST_TEST((join({.in_flight_max = 8}) == errc::misuse));
  BOOST_TEST((join({.reset = true, .in_flight_max = 7}) == errc::misuse));
  BOOST_TEST((join({.in_flight_max = 7}) == fine));
  one.leave();
  BOOST_TEST((join({.in_flight_max = 8}) == fine));
}

BOOST_AUTO_TEST_CASE(two_threads_cannot_wait_in_one_member) {
  memory_store store;
  virtual_engine e{store};
  member one{e, "mail"};
  const auto first = one.ask(), second = one.ask();
  e.run();
  BOOST_TEST_REQUIRE(second.answered->is_answered());
  BOOST_TEST((second.answered->await().error().code == errc::misuse));
  e.note("a");
  BOOST_TEST(first.batch->size() == 1u);
}

BOOST_AUTO_TEST_SUITE_END()
