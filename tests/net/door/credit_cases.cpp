// Peers that take more than they should: what they can occupy is bounded, and others go on.
#include "net/door/summed_line.hpp"
#include "net/session/share_of_peers.hpp"
#include "support/net/far_world.hpp"
#include "support/net/raw_peer.hpp"
#include "support/readings.hpp"

#include <boost/test/unit_test.hpp>

using namespace std::chrono_literals;
using annals::net::call;
using world::add;

namespace {

/// A raw peer that has been let in, and has said which answers it has.
struct greedy {
  explicit greedy(const annals::net::credit& limits) : w(1, trusting(), limits) {
    w.net.dial(peer, w.door());
    BOOST_REQUIRE(w.until([&] { return peer.is_let_in; }));
    peer.confirm(0);
  }
  far_world w;
  raw_peer peer;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(credit)

BOOST_AUTO_TEST_CASE(case_123_a_peer_that_exceeds_its_credit_is_closed_and_counted) {
  greedy g{{4, 2, 2, 1 << 20}};
  BOOST_TEST(g.peer.said.credit_commands == 4u);
  for (int i = 0; i < 4; ++i) g.peer.command("a", add{1});
  BOOST_REQUIRE(g.w.until([&] { return g.peer.answers.size() == 4; }));
  BOOST_TEST(!g.peer.is_lost);
  g.peer.command("a", add{1});  // answers that are not confirmed occupy it
  BOOST_TEST(g.w.until([&] { return g.peer.is_lost; }));
  BOOST_TEST(g.w.door().counts().overrun == 1u);
  BOOST_TEST(g.w.door().counts().malformed == 0u);
  BOOST_TEST(added_in(g.w, "a").size() == 4u);  // what exceeds it has no effect
  BOOST_REQUIRE(!g.w.served().lines.empty());
  BOOST_TEST(g.w.served().lines.back().find("exceeds its credit") != std::string::npos, g.w.served().lines.back());
}

BOOST_AUTO_TEST_CASE(commands_that_the_node_refuses_by_itself_are_counted) {
  greedy g{{}};
  g.peer.command("a", add{1});
  BOOST_REQUIRE(g.w.until([&] { return g.peer.answers.size() == 1; }));
  g.w.door().refuse({annals::errc::closed, "the other node is closed"});
  g.peer.command("a", add{1});
  BOOST_REQUIRE(g.w.until([&] { return g.peer.answers.size() == 2; }));
  const auto now = g.w.engine().engine().metrics();
  BOOST_TEST(reading(now, "annals_commands_total", {"counter", "accepted"}) == 1);
  BOOST_TEST(reading(now, "annals_commands_total", {"counter", "not_written"}) == 1);
  BOOST_TEST(total(now, "annals_commands_total") == 2);
}

/// One peer gets half of what all peers may have under way.
BOOST_AUTO_TEST_CASE(commands_beyond_the_share_of_a_peer_are_counted) {
  memory_store store;
  auto with = memory_engine::quiet();
  with.commands_in_flight_max = 8;
  virtual_engine e{store, true, {}, with};
  memory_network net{1};
  served_node served{e.engine(), net};
  far_caller far{net, [&]() -> annals::net::link_owner* { return &served.door(); }};
  std::vector<std::shared_ptr<annals::detail::waiter>> sent;
  for (int n = 0; n < 5; ++n) sent.push_back(far.send("counter", "a", add{1}));
  const auto go_on = [&] {
    far.step();
    served.step();
    net.pass(500us);
  };
  for (int n = 0; n < 100 && served.commands() < sent.size(); ++n) go_on();  // the engine stands still meanwhile
  BOOST_TEST(served.commands() == sent.size());
  auto now = e.engine().metrics();
  const auto overloaded = reading(now, "annals_commands_total", {"counter", "overloaded"});
  BOOST_TEST(overloaded > 0);
  BOOST_TEST(reading(now, "annals_commands_in_flight") + overloaded == static_cast<double>(sent.size()));
  e.settle();
  for (int n = 0; n < 100; ++n) go_on();
  std::size_t refused = 0;
  for (const auto& one : sent) refused += outcome_of(one) == "overloaded";
  BOOST_TEST(overloaded == static_cast<double>(refused));
  BOOST_TEST(total(e.engine().metrics(), "annals_commands_total") == static_cast<double>(sent.size()));
}

BOOST_AUTO_TEST_CASE(case_43_a_message_that_is_sent_again_has_no_second_effect_and_closes_the_link) {
  greedy g{{}};
  g.peer.command("a", add{1});
  BOOST_REQUIRE(g.w.until([&] { return g.peer.answers.size() == 1; }));
  g.peer.repeat();
  BOOST_TEST(g.w.until([&] { return g.peer.is_lost; }));
  BOOST_TEST(g.w.door().counts().malformed + g.w.door().counts().refused == 1u);
  BOOST_TEST(added_in(g.w, "a").size() == 1u);
}

BOOST_AUTO_TEST_CASE(case_43_a_command_that_is_sent_again_under_its_number_has_no_second_effect) {
  greedy g{{}};
  g.peer.command("a", add{1});
  BOOST_REQUIRE(g.w.until([&] { return g.peer.answers.size() == 1; }));
  --g.peer.sequence;
  g.peer.command("a", add{1});
  g.peer.command("b", add{1});
  (void)g.w.until([&] { return g.peer.is_lost || g.peer.answers.size() > 2; });
  BOOST_TEST(added_in(g.w, "a").size() == 1u);
}

BOOST_AUTO_TEST_CASE(case_132_an_older_link_of_a_session_is_refused_and_its_frames_are_not_heard) {
  far_world w;
  w.net.closing_takes = 24h;  // what an older link has sent still arrives
  raw_peer first{200, 1}, second{200, 3}, late{200, 2};
  const auto let_in = [&](raw_peer& one) {
    w.net.dial(one, w.door());
    BOOST_REQUIRE(w.until([&] { return one.is_let_in; }));
    one.confirm(0);
  };
  let_in(first);
  w.net.least_delay = w.net.most_delay = 200ms;
  first.command("a", add{1});  // arrives when the second link stands
  w.net.least_delay = w.net.most_delay = 20us;
  let_in(second);
  w.pass(300ms);
  second.command("a", add{2});  // numbered as the first one
  BOOST_TEST(w.until([&] { return second.answers.size() == 1; }));
  w.net.dial(late, w.door());
  BOOST_TEST(w.until([&] { return late.is_lost; }));
  BOOST_TEST(!late.is_let_in);
  BOOST_TEST(w.door().counts().refused == 1u);
  BOOST_TEST(!second.is_lost);
  BOOST_TEST(added_in(w, "a") == std::vector<std::int64_t>{2}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(refused_links_are_counted_in_one_log_line_without_control_bytes) {
  far_world w{1, peers_of("")};
  auto& far = w.add_caller(1, "shop-web");
  BOOST_TEST(w.until([&] { return w.door().counts().refused >= 5; }));
  BOOST_TEST(w.until([&] { return w.served().lines.size() >= 2; }));
  BOOST_TEST(w.door().counts().refused > 5u);
  BOOST_TEST(w.served().lines[0].starts_with("links refused: 1, the last one: "), w.served().lines[0]);
  BOOST_TEST(!w.served().lines[1].starts_with("links refused: 1,"), w.served().lines[1]);
  annals::net::summed_line line{"refused"};
  line.add("a\nb\x7f");
  BOOST_TEST(line.take({}) == "refused: 1, the last one: a?b?");
  BOOST_TEST(!line.due().has_value());
  BOOST_TEST(!far.calls.is_linked());
}

BOOST_AUTO_TEST_CASE(case_123_questions_and_deliveries_have_credit_of_their_own) {
  for (const auto what : {call::head, call::next}) {
    greedy g{{4, 2, 3, 1 << 20}};
    const auto most = what == call::head ? 2u : 3u;
    const auto ask = [&] {
      if (what == call::head)
        g.peer.ask(what, annals::net::nothing_call{});
      else
        g.peer.ask(what, annals::net::next_call{7, 1, 0});
    };
    for (unsigned i = 0; i < most; ++i) ask();
    g.peer.command("a", add{1});
    BOOST_TEST(g.w.until([&] { return g.peer.answers.size() == most + 1; }));
    g.peer.confirm(most + 1);
    ask();
    BOOST_TEST(g.w.until([&] { return g.peer.answers.size() == most + 2; }));  // it came back with the confirmation
    for (unsigned i = 0; i < most; ++i) ask();
    BOOST_TEST(g.w.until([&] { return g.peer.is_lost; }));
    BOOST_TEST(g.w.door().counts().overrun == 1u);
  }
}

BOOST_AUTO_TEST_CASE(case_123_bytes_of_commands_beyond_the_credit_are_an_overrun_and_one_that_is_larger_may_come_alone) {
  greedy g{{100, 2, 2, 10'000}};
  g.peer.command("a", world::note{std::string(30'000, 'x')});
  BOOST_REQUIRE(g.w.until([&] { return g.peer.answers.size() == 1; }));
  BOOST_TEST(g.peer.answers.front().given.has_value());
  g.peer.command("a", world::note{"x"});
  BOOST_TEST(g.w.until([&] { return g.peer.is_lost; }));
  BOOST_TEST(g.w.door().counts().overrun == 1u);
}

BOOST_AUTO_TEST_CASE(case_122_a_peer_that_never_reads_occupies_its_credit_and_no_more) {
  constexpr std::uint32_t most = 8;
  far_world w{1, trusting(), {most, most, most, 1 << 20}};
  // A peer that never reads confirms nothing: its session keeps the answers, across its links.
  std::size_t sent = 0;
  for (std::uint64_t link = 1; link <= 5; ++link) {
    raw_peer peer{200, link};
    w.net.dial(peer, w.door());
    BOOST_REQUIRE(w.until([&] { return peer.is_let_in; }));
    BOOST_TEST(peer.said.taken == std::min<std::uint64_t>(sent, most));
    peer.sequence = peer.said.taken;
    peer.confirm(0);
    for (int i = 0; i < 20 && !peer.is_lost; ++i, ++sent) peer.command("a", add{1});
    BOOST_TEST(w.until([&] { return peer.is_lost; }));
    BOOST_TEST(added_in(w, "a").size() == most);
    w.net.forget(peer, 0us);
  }
  BOOST_TEST(w.door().counts().overrun == 5u);
}

BOOST_AUTO_TEST_CASE(case_134_while_one_session_has_all_its_credit_outstanding_others_go_on) {
  far_world w{1, trusting(), {4, 2, 2, 1 << 20}};
  auto& greedy = w.add_caller(1);
  auto& other = w.add_caller(2, "till", other_number);
  BOOST_REQUIRE(w.link_up(greedy));
  BOOST_REQUIRE(w.link_up(other));
  w.net.freeze(greedy.link, 30s);  // no answer reaches it, so it confirms none
  std::vector<std::shared_ptr<annals::detail::waiter>> taken;
  for (int i = 0; i < 4; ++i) taken.push_back(greedy.send("counter", "a", add{1}));
  BOOST_TEST(outcome_of(greedy.send("counter", "a", add{1})) == "overloaded");
  w.pass(100ms);
  BOOST_TEST(added_in(w, "a").size() == 4u);
  for (const auto& one : taken) BOOST_TEST(outcome_of(one) == "nothing");
  BOOST_TEST(!w.door().is_quiet());
  for (int i = 0; i < 20; ++i) {
    const auto there = other.send("counter", "b", add{1});
    w.pass(5ms);
    BOOST_TEST(outcome_of(there) == "accepted");
    w.engine().add("c");  // a local caller
  }
  BOOST_TEST(w.until([&] { return greedy.calls.outstanding() == 0; }));
  for (const auto& one : taken) BOOST_TEST(outcome_of(one) == "accepted");
}

BOOST_AUTO_TEST_CASE(case_134_peers_leave_room_to_each_other) {
  annals::net::share_of_peers share{75};
  std::size_t taken = 0;
  while (share.take("greedy")) ++taken;
  BOOST_TEST(taken == 37u);  // half
  std::size_t of_others = 0;
  for (const auto* const peer : {"till", "web", "shop"})
    while (share.take(peer)) ++of_others;
  BOOST_TEST(of_others > 30u);
  BOOST_TEST(taken + of_others <= 75u);
  for (; taken > 0; --taken) share.give_back("greedy");
  BOOST_TEST(share.take("greedy"));
  annals::net::share_of_peers small{1};
  BOOST_TEST(small.take("one"));
  BOOST_TEST(!small.take("another"));
}

BOOST_AUTO_TEST_SUITE_END()
