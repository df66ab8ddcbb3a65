// Schedules in which a session would be stuck, grow, or let through what it must not: limits, members, rights and links that change meanwhile.
#include "support/net/far_world.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <numeric>

using namespace std::chrono_literals;
using annals::errc;
using annals::net::call;
using world::add;

namespace {

annals::net::ask_call sum_at(far_world& w, annals::position at) {
  return {"sums", "sum_of", annals::encoded(world::sum_of{"a"}), w.engine().engine().head().history, at, 3'600'000, 0};
}
annals::net::subscribe_call to_mails(std::uint64_t in_flight_max = 256) {
  annals::net::subscribe_call asked;
  asked.name = "mails";
  asked.categories = {"counter"};
  asked.in_flight_max = in_flight_max;
  return asked;
}
bool was_lost(const far_caller& one) {
  return std::ranges::any_of(one.events, [](const auto& e) { return e.what == annals::net::link_event::kind::lost; });
}

}  // namespace

BOOST_AUTO_TEST_SUITE(endurance)

BOOST_AUTO_TEST_CASE(case_123_what_was_queued_without_a_link_is_sent_within_the_servers_credit) {
  far_world w{1, trusting(), {4, 2, 2, 1 << 20}};
  auto& far = w.add_caller();
  std::vector<std::shared_ptr<annals::detail::waiter>> sent, asked;
  std::vector<std::int64_t> wanted(20);
  std::iota(wanted.begin(), wanted.end(), 1);
  for (const auto amount : wanted) {
    sent.push_back(far.send("counter", "a", add{amount}));
    asked.push_back(far.ask(call::head, annals::net::nothing_call{}));
  }
  BOOST_TEST(w.until([&] { return far.calls.outstanding() == 0; }));
  for (const auto& one : sent) BOOST_TEST(outcome_of(one) == "accepted");
  for (const auto& one : asked) BOOST_TEST(outcome_of(one) == "accepted");
  BOOST_TEST(added_in(w, "a") == wanted, boost::test_tools::per_element());
  BOOST_TEST(w.door().counts().overrun == 0u);
  BOOST_TEST(!was_lost(far));
}

BOOST_AUTO_TEST_CASE(a_call_that_waits_for_long_does_not_keep_those_behind_it_in_memory) {
  far_world w;
  auto& far = w.add_caller();
  BOOST_REQUIRE(w.link_up(far));
  auto asked = to_mails();
  asked.types = {"noted"};  // none comes
  const auto joined = far.ask(call::subscribe, asked);
  BOOST_REQUIRE(w.until([&] { return joined->is_answered(); }));
  const auto member = annals::decoded<annals::net::member_call>(joined->await().value().bytes).value().member;
  const auto waits = far.ask(call::next, annals::net::next_call{member, 10, 60'000}, 1h);
  for (int i = 0; i < 50; ++i) {
    for (int n = 0; n < 200; ++n) (void)far.send("counter", "a", add{1});
    BOOST_REQUIRE(w.until([&] { return far.calls.outstanding() == 1; }));
  }
  BOOST_TEST(far.calls.kept() < 2'000u);
  BOOST_TEST(outcome_of(waits) == "nothing");
  w.net.lose_all(0ms);
  BOOST_TEST(w.until([&] { return was_lost(far) && far.calls.is_linked(); }));
  const auto next = far.send("counter", "a", add{1});
  BOOST_TEST(w.until([&] { return next->is_answered(); }));
  BOOST_TEST(next->await().value().accepted.version == 10'001u);
}

BOOST_AUTO_TEST_CASE(calls_in_flight_go_on_over_a_new_link_while_new_ones_are_refused) {
  far_world w;
  auto& far = w.add_caller();
  BOOST_REQUIRE(w.link_up(far));
  w.net.cut_one_way(0, 5ms);
  const auto sent = far.send("counter", "a", add{5});
  far.step();
  far.calls.refuse({errc::closed, "this handle is closed"});
  BOOST_TEST(outcome_of(far.send("counter", "a", add{6})) == "closed");
  BOOST_TEST(w.until([&] { return sent->is_answered(); }));
  BOOST_TEST(outcome_of(sent) == "accepted");
}

BOOST_AUTO_TEST_CASE(a_command_that_a_closing_server_did_not_take_is_not_written) {
  far_world w;
  auto& far = w.add_caller();
  BOOST_REQUIRE(w.link_up(far));
  w.net.cut_one_way(0, 100ms);  // nothing arrives there any more
  const auto before = far.send("counter", "a", add{5}, {}, 1s);
  far.step();
  w.door().refuse({errc::closed, "the other node is closed"});
  w.net.is_down = true;
  w.pass(2ms);
  BOOST_REQUIRE(!was_lost(far));
  const auto after = far.send("counter", "a", add{6}, {}, 1s);  // it has said goodbye
  w.pass(1'100ms);
  BOOST_TEST(was_lost(far));
  BOOST_TEST(outcome_of(before) == "not_written");
  BOOST_TEST(outcome_of(after) == "not_written");
}

BOOST_AUTO_TEST_CASE(a_member_that_joins_after_the_end_of_its_session_leaves) {
  far_world w;
  auto& far = w.add_caller();
  BOOST_REQUIRE(w.link_up(far));
  (void)far.ask(call::subscribe, to_mails());
  far.calls.say_goodbye();
  far.calls.flush();
  w.net.pass(1ms);
  far.link.close();
  w.net.pass(1ms);
  w.served().step();  // the session is over before the subscription has answered
  w.pass(50ms);
  auto& other = w.add_caller(2);
  const auto joined = other.ask(call::subscribe, to_mails(7));  // refused as long as there is a member with other options
  BOOST_TEST(w.until([&] { return joined->is_answered(); }));
  BOOST_TEST(outcome_of(joined) == "accepted");
}

BOOST_AUTO_TEST_CASE(an_answer_that_is_too_large_for_the_caller_ends_no_link) {
  far_world w;
  auto& far = w.add_caller(1, "shop-web", client_number, 64 * 1024);
  (void)far.send("counter", "a", world::note{std::string(300'000, 't')});
  BOOST_REQUIRE(w.until([&] { return far.calls.outstanding() == 0; }));
  const auto large = far.ask(call::stream, annals::net::stream_call{"counter-a", 1, 10});
  const auto small = far.ask(call::head, annals::net::nothing_call{});
  BOOST_TEST(w.until([&] { return large->is_answered() && small->is_answered(); }));
  BOOST_TEST(outcome_of(large) == "too_large");
  BOOST_TEST(outcome_of(small) == "accepted");
  BOOST_TEST(!was_lost(far));
}

BOOST_AUTO_TEST_CASE(a_command_that_is_too_large_for_the_server_is_not_sent) {
  far_world w;
  auto& far = w.add_caller();
  const world::note large{std::string(std::size_t{21} << 20, 't')};
  const auto early = far.send("counter", "a", large);
  const auto behind = far.send("counter", "a", add{1});
  BOOST_TEST(w.until([&] { return early->is_answered() && behind->is_answered(); }));
  BOOST_TEST(outcome_of(early) == "too_large");
  BOOST_TEST(outcome_of(behind) == "accepted");
  BOOST_TEST(outcome_of(far.send("counter", "a", large)) == "too_large");
  BOOST_TEST(!was_lost(far));
}

BOOST_AUTO_TEST_CASE(case_127_a_key_that_is_removed_during_the_handshake_is_not_let_in) {
  far_world w;
  w.net.least_delay = w.net.most_delay = 5ms;
  auto& far = w.add_caller();
  w.pass(12ms);  // the challenge is on its way
  w.door().set_known(peers_of(peer_lines("shop-web", other_number, all_rights)));
  w.pass(300ms);
  BOOST_TEST(!far.calls.is_linked());
  BOOST_TEST(w.door().counts().links == 0u);
  BOOST_TEST(w.door().counts().refused >= 1u);
}

BOOST_AUTO_TEST_CASE(another_key_beside_the_one_in_use_ends_no_link) {
  far_world w;
  auto& far = w.add_caller();
  BOOST_REQUIRE(w.link_up(far));
  w.door().set_known(peers_of("[[peer]]\nname = \"shop-web\"\nkeys = [\"" + public_text(other_number) + "\", \"" + public_text(client_number) +
                              "\"]\n" + std::string{all_rights}));
  w.pass(100ms);
  BOOST_TEST(!was_lost(far));
  w.door().set_known(peers_of(peer_lines("shop-web", other_number, all_rights)));
  BOOST_TEST(w.until([&] { return was_lost(far); }));
}

BOOST_AUTO_TEST_CASE(case_127_a_question_that_waits_is_not_answered_after_its_right_is_gone) {
  far_world w;
  auto& far = w.add_caller();
  BOOST_REQUIRE(w.link_up(far));
  const auto asked = far.ask(call::ask, sum_at(w, 1), 1h);
  w.pass(10ms);
  BOOST_TEST(outcome_of(asked) == "nothing");
  w.door().set_known(peers_of(peer_lines("shop-web", client_number, "append = [\"*\"]")));
  (void)far.send("counter", "a", add{5});
  BOOST_TEST(w.until([&] { return asked->is_answered(); }));
  BOOST_TEST(outcome_of(asked) == "forbidden");
}

BOOST_AUTO_TEST_CASE(case_127_resent_commands_say_nothing_of_a_log_that_the_peer_may_not_write) {
  far_world w;
  auto& far = w.add_caller();
  BOOST_REQUIRE(w.link_up(far));
  w.net.cut_one_way(1, 10s);  // no answer arrives
  const auto refused = far.send("counter", "a", add{-100});
  const auto there = far.send("counter", "a", add{5});
  w.pass(50ms);
  w.kill_server(1ms);
  w.start_server();
  w.door().set_known(peers_of(peer_lines("shop-web", client_number, "read = [\"other\"]")));
  BOOST_TEST(w.until([&] { return far.calls.outstanding() == 0; }));
  BOOST_TEST(outcome_of(refused) == "forbidden");  // unknown would say that the other one is in the log
  BOOST_TEST(outcome_of(there) == "forbidden");
}

BOOST_AUTO_TEST_CASE(nothing_more_is_heard_from_a_peer_that_was_turned_away) {
  struct ear final : annals::net::link {
    void send(std::string) override { ++sent; }
    void close() override {}
    int sent = 0;
  };
  far_world w;
  const auto one = std::make_shared<ear>();
  w.door().opened(one);
  for (int i = 0; i < 10; ++i) w.door().received(one, "garbage that was on its way");
  BOOST_TEST(w.door().counts().malformed == 1u);
  BOOST_TEST(one->sent == 1);
  w.pass(1ms);
  BOOST_REQUIRE(w.served().lines.size() == 1u);
  BOOST_TEST(w.served().lines[0].starts_with("links refused: 1, "), w.served().lines[0]);
}

BOOST_AUTO_TEST_CASE(case_130_a_member_that_waits_for_events_does_not_hold_up_the_close) {
  far_world w;
  auto& far = w.add_caller();
  const auto joined = far.ask(call::subscribe, to_mails());
  BOOST_REQUIRE(w.until([&] { return joined->is_answered(); }));
  const auto member = annals::decoded<annals::net::member_call>(joined->await().value().bytes).value().member;
  const auto waits = far.ask(call::next, annals::net::next_call{member, 10, 50'000});
  w.pass(10ms);
  BOOST_TEST(outcome_of(waits) == "nothing");
  w.door().refuse({errc::closed, "the other node is closed"});
  w.pass(50ms);
  BOOST_TEST(w.door().is_quiet());
}

BOOST_AUTO_TEST_SUITE_END()
