// Commands over links that are lost, late or silent: one effect each, the first answer, in order.
#include "support/net/far_world.hpp"

#include <boost/test/unit_test.hpp>

#include <numeric>

using namespace std::chrono_literals;
using annals::errc;
using world::add;

BOOST_AUTO_TEST_SUITE(links)

BOOST_AUTO_TEST_CASE(a_command_goes_there_and_its_receipt_comes_back) {
  far_world w;
  auto& far = w.add_caller();
  const auto sent = far.send("counter", "a", add{5});
  BOOST_TEST(w.until([&] { return sent->is_answered(); }));
  const auto got = sent->await().value().accepted;
  BOOST_TEST(got.version == 1u);
  BOOST_TEST(got.at == 1u);
  BOOST_TEST(got.events == 1u);
  BOOST_TEST((got.token == w.engine().engine().head()));
  std::string principal, id;
  w.engine()
      .engine()
      .read_stream("counter-a", 1, 1,
                   [&](const annals::record_view& r) {
                     principal = r.principal;
                     id = r.command_id;
                     return true;
                   })
      .value();
  BOOST_TEST(principal == "shop-web");
  BOOST_TEST(id == annals::net::to_hex(far.calls.id()) + "-1");
  BOOST_TEST(far.calls.outstanding() == 0u);
  BOOST_TEST(w.until([&] { return w.door().is_quiet(); }));  // the answer is confirmed
}

BOOST_AUTO_TEST_CASE(a_handle_that_closes_says_which_commands_were_never_sent) {
  far_world w;
  auto& far = w.add_caller();
  BOOST_TEST(w.link_up(far));
  const auto sent = far.send("counter", "a", add{5});
  far.calls.flush();
  w.net.is_down = true;
  auto& other = w.add_caller(2, "till", other_number);
  const auto never_sent = other.send("counter", "a", add{5});
  const auto question = other.ask(annals::net::call::head, annals::net::nothing_call{});
  const annals::error closed{errc::closed, "this handle is closed"};
  far.calls.close(closed);
  other.calls.close(closed);
  BOOST_TEST(outcome_of(sent) == "unknown");
  BOOST_TEST(outcome_of(never_sent) == "not_written");
  BOOST_TEST(outcome_of(question) == "closed");
  BOOST_TEST(outcome_of(other.send("counter", "a", add{5})) == "closed");
}

BOOST_AUTO_TEST_CASE(case_36_a_peer_that_is_not_there_is_an_error_in_time_and_dialling_backs_off) {
  far_world w;
  w.net.is_down = true;
  auto& far = w.add_caller();
  const auto command = far.send("counter", "a", add{5}, {}, 5s);
  const auto question = far.ask(annals::net::call::head, annals::net::nothing_call{}, 5s);
  w.pass(4s);
  BOOST_TEST(!command->is_answered());
  BOOST_TEST(w.until([&] { return command->is_answered() && question->is_answered(); }));
  BOOST_TEST(outcome_of(command) == "not_written");
  BOOST_TEST(outcome_of(question) == "unreachable");
  BOOST_TEST(command->await().error().message().find("nobody listens") != std::string::npos, command->await().error().message());
  w.pass(10s);
  // 100, 200, 400, 800, 1,600, 2,000 ms …
  BOOST_TEST(far.events.size() >= 7u);
  BOOST_TEST(far.events.size() <= 12u);
  w.net.is_down = false;
  BOOST_TEST(w.link_up(far));
  BOOST_TEST(added_in(w, "a").empty());  // what was answered not_written is not sent later
}

BOOST_AUTO_TEST_CASE(case_117_links_lost_with_commands_in_flight_cost_no_effect_and_no_answer) {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    far_world w{seed};
    w.net.most_delay = 3ms;
    auto& far = w.add_caller();
    std::vector<std::shared_ptr<annals::detail::waiter>> sent;
    std::vector<std::int64_t> wanted;
    std::mt19937_64 random{seed};
    for (int i = 0; i < 200; ++i) {
      wanted.push_back(i + 1);
      sent.push_back(far.send("counter", "a", add{i + 1}));
      if (random() % 8 == 0) w.pass(std::chrono::microseconds{random() % 4'000});
      if (random() % 25 == 0) w.net.lose_all(50ms);
      if (random() % 40 == 0) w.net.cut_one_way(static_cast<int>(random() % 2), 80ms);
    }
    BOOST_TEST(w.until([&] { return std::all_of(sent.begin(), sent.end(), [](const auto& one) { return one->is_answered(); }); }), "seed " << seed);
    annals::version last = 0;
    for (const auto& one : sent) {
      const auto given = one->await();
      BOOST_REQUIRE_MESSAGE(given, "seed " << seed << ": " << outcome_of(one));
      BOOST_TEST(given->accepted.version == last + 1);
      last = given->accepted.version;
    }
    BOOST_TEST(added_in(w, "a") == wanted, boost::test_tools::per_element());
    BOOST_TEST(far.events.size() > 1u);
  }
}

BOOST_AUTO_TEST_CASE(case_128_order_holds_across_links_with_rejections_among_the_commands) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    far_world w{seed};
    w.net.most_delay = 2ms;
    auto& far = w.add_caller();
    std::vector<std::shared_ptr<annals::detail::waiter>> sent;
    for (int i = 0; i < 60; ++i) {
      sent.push_back(far.send("counter", "a", add{i % 3 == 2 ? -1'000'000 : i}));
      if (i % 7 == 0) w.net.lose_all(20ms);
      w.pass(std::chrono::microseconds{700});
    }
    BOOST_TEST(w.until([&] { return far.calls.outstanding() == 0; }), "seed " << seed);
    std::vector<std::int64_t> wanted;
    for (int i = 0; i < 60; ++i) {
      BOOST_TEST(outcome_of(sent[static_cast<std::size_t>(i)]) == (i % 3 == 2 ? "rejected" : "accepted"), "seed " << seed << ", command " << i);
      if (i % 3 != 2) wanted.push_back(i);
    }
    BOOST_TEST(added_in(w, "a") == wanted, boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(case_118_a_frozen_peer_is_noticed_and_commands_are_answered_in_time) {
  far_world w;
  auto& far = w.add_caller();
  BOOST_REQUIRE(w.link_up(far));
  w.kill_server(3s);  // silent for as long as that
  const auto sent = far.send("counter", "a", add{5}, {}, 1s);
  w.pass(1100ms);
  BOOST_TEST(outcome_of(sent) == "unknown");
  w.start_server();
  BOOST_TEST(w.link_up(far));
  const auto later = far.send("counter", "a", add{7});
  BOOST_TEST(w.until([&] { return later->is_answered(); }));
  BOOST_TEST(outcome_of(later) == "accepted");
  BOOST_TEST((added_in(w, "a") == std::vector<std::int64_t>{7}));  // an abandoned command is not sent again
}

BOOST_AUTO_TEST_CASE(case_119_a_link_that_is_cut_one_way_is_left_at_both_ends) {
  for (const int mute : {0, 1})
    for (const auto noticed_within : {1ms, 500ms, 3'000ms}) {
      far_world w;
      w.net.closing_takes = 100ms;
      auto& far = w.add_caller();
      BOOST_REQUIRE(w.link_up(far));
      const auto before = far.send("counter", "a", add{1});
      far.step();
      w.net.cut_one_way(mute, noticed_within);
      const auto after = far.send("counter", "a", add{2});
      BOOST_TEST(w.until([&] { return before->is_answered() && after->is_answered(); }));
      BOOST_TEST(outcome_of(before) == "accepted");
      BOOST_TEST(outcome_of(after) == "accepted");
      BOOST_TEST((added_in(w, "a") == std::vector<std::int64_t>{1, 2}));
      BOOST_TEST((far.events.size() >= 3 && far.events[1].what == annals::net::link_event::kind::lost));
      BOOST_TEST(w.until([&] { return w.net.links() == 1; }));  // nobody holds on to the old one
      BOOST_TEST(w.door().counts().links == 2u);
      BOOST_TEST(w.until([&] { return w.door().is_quiet(); }));
    }
}

BOOST_AUTO_TEST_CASE(case_119_a_handshake_that_is_cut_one_way_is_given_up_at_both_ends_by_their_own_clocks) {
  for (const int mute : {0, 1}) {
    far_world w;
    w.net.least_delay = w.net.most_delay = 10ms;
    auto& far = w.add_caller();
    w.pass(mute == 0 ? 15ms : 25ms);  // the hello is on its way, or the challenge
    w.net.cut_one_way(mute, 24h);     // the transport notices nothing
    w.pass(15ms);
    BOOST_TEST(!far.calls.is_linked());
    w.pass(2'500ms);
    BOOST_REQUIRE(!far.events.empty());
    BOOST_TEST(far.events.front().why->message().find("did not answer in time") != std::string::npos);
    BOOST_TEST(w.link_up(far));
    BOOST_TEST(w.until([&] { return w.net.links() == 1; }));  // the door has left the first one, too
  }
}

BOOST_AUTO_TEST_CASE(case_121_a_connection_without_an_answered_hello_does_not_count) {
  struct silent final : annals::net::link_owner {
    void opened(const std::shared_ptr<annals::net::link>&) override { ++links; }
    void received(const std::shared_ptr<annals::net::link>&, std::string_view) override {}
    void lost(const std::shared_ptr<annals::net::link>&, const annals::error&) override { ++ended; }
    int links = 0, ended = 0;
  } nobody;
  memory_network net;
  far_caller far{net, [&] { return &nobody; }};
  const auto sent = far.ask(annals::net::call::head, annals::net::nothing_call{}, 5s);
  for (int i = 0; i < 6'000; ++i) {
    far.step();
    net.pass(1ms);
  }
  BOOST_TEST(!far.calls.is_linked());
  BOOST_TEST(outcome_of(sent) == "unreachable");
  BOOST_TEST(sent->await().error().message().find("did not answer in time") != std::string::npos, sent->await().error().message());
  BOOST_TEST(nobody.links >= 2);
  BOOST_TEST(nobody.ended >= nobody.links - 1);  // each is closed before the next is tried
}

BOOST_AUTO_TEST_CASE(a_link_that_says_nothing_is_closed_by_the_door) {
  far_world w;
  struct mute final : annals::net::link_owner {
    void opened(const std::shared_ptr<annals::net::link>&) override {}
    void received(const std::shared_ptr<annals::net::link>&, std::string_view) override {}
    void lost(const std::shared_ptr<annals::net::link>&, const annals::error&) override { is_lost = true; }
    bool is_lost = false;
  } peer;
  w.net.dial(peer, w.door());
  w.pass(1900ms);
  BOOST_TEST(!peer.is_lost);
  w.pass(300ms);
  BOOST_TEST(peer.is_lost);
  BOOST_TEST(w.door().counts().timed_out == 1u);
}

BOOST_AUTO_TEST_CASE(case_130_the_owner_closes_while_callers_wait) {
  far_world w;
  auto& far = w.add_caller();
  BOOST_REQUIRE(w.link_up(far));
  const auto before = far.send("counter", "a", add{1});
  w.pass(1ms);
  w.door().refuse({errc::closed, "the other node is closed"});
  const auto after = far.send("counter", "a", add{2});
  BOOST_TEST(w.until([&] { return before->is_answered() && after->is_answered(); }));
  BOOST_TEST(outcome_of(before) == "accepted");
  BOOST_TEST(outcome_of(after) == "closed");
  BOOST_TEST(w.until([&] { return w.door().is_quiet(); }));
  w.door().close();
  BOOST_TEST(w.until([&] { return !far.calls.is_linked(); }));
  BOOST_TEST((added_in(w, "a") == std::vector<std::int64_t>{1}));
}

BOOST_AUTO_TEST_CASE(case_123_a_caller_keeps_to_its_credit_and_answers_overloaded_by_itself) {
  far_world w{1, trusting(), {4, 2, 2, 1 << 20}};
  auto& far = w.add_caller();
  BOOST_REQUIRE(w.link_up(far));
  std::vector<std::shared_ptr<annals::detail::waiter>> sent;
  for (int i = 0; i < 6; ++i) sent.push_back(far.send("counter", "a", add{1}));
  for (int i = 0; i < 6; ++i) BOOST_TEST(outcome_of(sent[static_cast<std::size_t>(i)]) == (i < 4 ? "nothing" : "overloaded"));
  BOOST_TEST(outcome_of(far.ask(annals::net::call::head, annals::net::nothing_call{})) == "nothing");  // has credit of its own
  BOOST_TEST(w.until([&] { return far.calls.outstanding() == 0; }));
  BOOST_TEST(outcome_of(far.send("counter", "a", add{1})) == "nothing");
  BOOST_TEST(w.door().counts().overrun == 0u);
}

BOOST_AUTO_TEST_CASE(commands_that_wait_for_the_first_link_are_sent_in_order) {
  far_world w;
  w.net.is_down = true;
  auto& far = w.add_caller();
  for (int i = 1; i <= 20; ++i) (void)far.send("counter", "a", add{i});
  w.pass(1s);
  w.net.is_down = false;
  BOOST_TEST(w.until([&] { return far.calls.outstanding() == 0; }));
  std::vector<std::int64_t> wanted(20);
  std::iota(wanted.begin(), wanted.end(), 1);
  BOOST_TEST(added_in(w, "a") == wanted, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(case_135_a_command_larger_than_a_message_arrives_whole) {
  far_world w;
  auto& far = w.add_caller();
  const std::string text(700'000, 't');
  const auto sent = far.send("counter", "a", world::note{text});
  BOOST_TEST(w.until([&] { return sent->is_answered(); }));
  BOOST_TEST(outcome_of(sent) == "accepted");
  std::size_t bytes = 0;
  w.engine()
      .engine()
      .read_stream("counter-a", 1, 1, [&](const auto& r) { return bytes = annals::decoded<world::noted>(r.payload)->text.size(), true; })
      .value();
  BOOST_TEST(bytes == text.size());
}

BOOST_AUTO_TEST_SUITE_END()
