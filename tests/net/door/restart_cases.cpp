// Commands across restarts of the served node: what it knew of sessions is gone, and the log is what is left.
#include "support/net/far_world.hpp"
#include "support/readings.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>

using namespace std::chrono_literals;
using world::add;

namespace {

/// Sends this many commands to one stream, every third of which is rejected, kills the node somewhere among them, and starts it again.
struct restarted {
  explicit restarted(std::uint64_t seed, std::size_t commands = 60) : w(seed), random(seed) {
    w.net.most_delay = 2ms;
    far = &w.add_caller();
    if (seed % 2 == 0) BOOST_REQUIRE(w.link_up(*far));
    for (std::size_t i = 0; i < commands; ++i) {
      sent.push_back(far->send("counter", "a", add{amount(i)}));
      if (random() % 4 == 0) w.pass(std::chrono::microseconds{random() % 3'000});
      if (random() % 25 == 0) restart();
    }
    restart();
    BOOST_REQUIRE(w.until([&] { return std::all_of(sent.begin(), sent.end(), [](const auto& one) { return one->is_answered(); }); }));
  }
  void restart() {
    w.kill_server(20ms);
    w.pass(std::chrono::microseconds{random() % 30'000});
    w.start_server();
    if (random() % 2 == 0) w.pass(std::chrono::microseconds{random() % 300'000});
  }
  static std::int64_t amount(std::size_t i) { return i % 3 == 2 ? -1'000'000 : static_cast<std::int64_t>(i) + 1; }

  far_world w;
  std::mt19937_64 random;
  far_caller* far = nullptr;
  std::vector<std::shared_ptr<annals::detail::waiter>> sent;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(restarts)

BOOST_AUTO_TEST_CASE(case_45_a_resent_command_is_found_also_before_a_snapshot) {
  far_world w;
  auto& far = w.add_caller();
  BOOST_REQUIRE(w.link_up(far));
  w.net.freeze(far.link, 1s);  // no answer reaches it
  const auto sent = far.send("counter", "a", add{7});
  w.pass(100ms);
  for (int i = 0; i < 2'500; ++i) w.engine().add("a");
  w.engine().pass(60s);  // the aggregate is loaded from a snapshot from now on
  BOOST_REQUIRE(!w.store.index->snapshots.empty());
  w.kill_server(1ms);
  w.start_server();
  BOOST_REQUIRE(w.until([&] { return sent->is_answered(); }));
  BOOST_TEST(outcome_of(sent) == "accepted");
  BOOST_TEST(sent->await().value().accepted.at == 1u);
  const auto log = added_in(w, "a");
  BOOST_TEST(std::count(log.begin(), log.end(), 7) == 1);
}

BOOST_AUTO_TEST_CASE(case_45_a_restarted_peer_gets_what_was_not_answered_once_and_in_order) {
  std::size_t restarts = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    restarted r{seed};
    const auto log = added_in(r.w, "a");
    BOOST_TEST(std::is_sorted(log.begin(), log.end()), "seed " << seed);                     // in the order in which they were sent
    BOOST_TEST((std::adjacent_find(log.begin(), log.end()) == log.end()), "seed " << seed);  // once
    for (std::size_t i = 0; i < r.sent.size(); ++i) {
      const auto was = outcome_of(r.sent[i]);
      const bool is_there = std::find(log.begin(), log.end(), restarted::amount(i)) != log.end();
      const bool is_rejected = i % 3 == 2;
      BOOST_TEST((was == "accepted" || was == "rejected" || was == "unknown"), "seed " << seed << ", command " << i << ": " << was);
      if (was == "accepted") BOOST_TEST(is_there, "seed " << seed << ", command " << i);
      if (was == "rejected") BOOST_TEST((is_rejected && !is_there), "seed " << seed << ", command " << i);
      // Only a rejection can be followed by an effect of an earlier life and be asked again: what had an effect is found.
      if (was == "unknown") BOOST_TEST(!is_there, "seed " << seed << ", command " << i);
    }
    restarts += r.far->events.size();
  }
  BOOST_TEST(restarts > 120u);
}

BOOST_AUTO_TEST_CASE(case_45_what_wrote_nothing_before_a_later_command_is_not_decided_behind_it) {
  far_world w;
  auto& far = w.add_caller();
  BOOST_REQUIRE(w.link_up(far));
  w.net.cut_one_way(1, 10s);  // no answer arrives
  const auto first = far.send("counter", "a", add{5});
  const auto refused = far.send("counter", "a", add{-100});
  const auto second = far.send("counter", "a", add{95});
  const auto of_another_stream = far.send("counter", "b", add{-100});
  w.pass(50ms);
  BOOST_TEST(added_in(w, "a").size() == 2u);
  w.kill_server(1ms);
  w.start_server();
  BOOST_TEST(w.until([&] { return far.calls.outstanding() == 0; }));
  BOOST_TEST(outcome_of(first) == "accepted");
  BOOST_TEST(first->await()->accepted.version == 1u);
  BOOST_TEST(outcome_of(refused) == "unknown");  // it would be accepted now
  BOOST_TEST(outcome_of(second) == "accepted");
  BOOST_TEST(second->await()->accepted.version == 2u);
  BOOST_TEST(outcome_of(of_another_stream) == "rejected");  // nothing stands behind it
  BOOST_TEST((added_in(w, "a") == std::vector<std::int64_t>{5, 95}));
  const auto now = w.engine().engine().metrics();  // of the second life
  BOOST_TEST(reading(now, "annals_commands_total", {"counter", "accepted"}) == 2);
  BOOST_TEST(reading(now, "annals_commands_total", {"counter", "unknown"}) == 1);
  BOOST_TEST(reading(now, "annals_commands_total", {"counter", "rejected"}) == 1);
}

BOOST_AUTO_TEST_CASE(case_45_a_link_that_is_lost_among_resends_does_not_part_them) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    far_world w{seed};
    auto& far = w.add_caller();
    BOOST_REQUIRE(w.link_up(far));
    w.net.cut_one_way(1, 10s);  // no answer arrives
    const auto first = far.send("counter", "a", add{5});
    const auto refused = far.send("counter", "a", add{-100});
    const auto large = far.send("counter", "a", world::note{std::string(200'000, 'x')});  // several messages
    const auto last = far.send("counter", "a", add{95});
    w.pass(50ms);
    BOOST_TEST(added_in(w, "a").size() == 2u);
    w.kill_server(1ms);
    w.start_server();
    w.net.most_delay = 20ms;
    BOOST_REQUIRE(w.link_up(far));
    w.pass(std::chrono::milliseconds{seed});
    w.net.lose_all(0ms);
    BOOST_TEST(w.until([&] { return far.calls.outstanding() == 0; }), "seed " << seed);
    BOOST_TEST(outcome_of(first) == "accepted");
    BOOST_TEST(outcome_of(refused) == "unknown", "seed " << seed);  // it would be accepted now, behind the last one
    BOOST_TEST(outcome_of(large) == "accepted");
    BOOST_TEST(outcome_of(last) == "accepted");
    BOOST_TEST((added_in(w, "a") == std::vector<std::int64_t>{5, 95}), "seed " << seed);
  }
}

BOOST_AUTO_TEST_CASE(case_45_what_was_sent_before_an_abandoned_command_is_not_decided_behind_it) {
  far_world w;
  auto& far = w.add_caller();
  BOOST_REQUIRE(w.link_up(far));
  w.net.cut_one_way(1, 10s);  // no answer arrives
  const auto refused = far.send("counter", "a", add{-100});
  const auto abandoned = far.send("counter", "a", add{200}, {}, 10ms);
  const auto of_another_stream = far.send("counter", "b", add{-100});
  w.pass(50ms);
  BOOST_TEST(outcome_of(abandoned) == "unknown");
  w.kill_server(1ms);
  w.start_server();
  BOOST_TEST(w.until([&] { return far.calls.outstanding() == 0; }));
  BOOST_TEST(outcome_of(refused) == "unknown");  // it would be accepted now
  BOOST_TEST(outcome_of(of_another_stream) == "rejected");
  BOOST_TEST((added_in(w, "a") == std::vector<std::int64_t>{200}));
}

BOOST_AUTO_TEST_CASE(case_45_a_restart_is_noticed_although_the_first_word_about_it_is_lost) {
  far_world w;
  auto& far = w.add_caller();
  BOOST_REQUIRE(w.link_up(far));
  w.net.cut_one_way(1, 10s);  // no answer arrives
  const auto refused = far.send("counter", "a", add{-100});
  const auto accepted = far.send("counter", "a", add{100});
  w.pass(50ms);
  w.kill_server(1ms);
  w.start_server();
  // The node lets the caller in, and the link is lost before the caller hears of it.
  w.net.least_delay = w.net.most_delay = 5ms;
  BOOST_REQUIRE(w.until([&] { return w.door().counts().links == 1; }));
  w.net.lose_all(0ms);
  BOOST_TEST(!far.calls.is_linked());
  BOOST_TEST(w.until([&] { return far.calls.outstanding() == 0; }));
  BOOST_TEST(w.door().counts().links == 2u);
  BOOST_TEST(outcome_of(refused) == "unknown");  // it would be accepted now, behind the other one
  BOOST_TEST(outcome_of(accepted) == "accepted");
  BOOST_TEST((added_in(w, "a") == std::vector<std::int64_t>{100}));
}

BOOST_AUTO_TEST_CASE(case_132_a_late_first_copy_has_no_effect_after_its_answer) {
  far_world w;
  auto& far = w.add_caller();
  BOOST_REQUIRE(w.link_up(far));
  // The first link is slow: its messages are on their way when the next link stands.
  w.net.least_delay = w.net.most_delay = 400ms;
  const auto sent = far.send("counter", "a", add{-5});
  w.pass(1ms);
  w.net.least_delay = w.net.most_delay = 1ms;
  far.link.lost(nullptr, {annals::errc::unreachable, "not about this link"});  // nothing happens
  w.net.lose_all(0ms);
  BOOST_TEST(w.until([&] { return sent->is_answered(); }));
  BOOST_TEST(outcome_of(sent) == "rejected");
  const auto more = far.send("counter", "a", add{10});
  BOOST_TEST(w.until([&] { return more->is_answered(); }));
  w.pass(2s);  // a copy of the first command would be accepted now
  BOOST_TEST((added_in(w, "a") == std::vector<std::int64_t>{10}));
}

BOOST_AUTO_TEST_CASE(case_138_two_handles_with_one_id_of_the_host_have_one_effect) {
  far_world w;
  auto& one = w.add_caller(1);
  auto& other = w.add_caller(2);
  const auto first = one.send("counter", "a", add{5}, "order-7");
  const auto second = other.send("counter", "a", add{5}, "order-7");
  const auto another = other.send("counter", "a", add{6}, "order-7");
  BOOST_TEST(w.until([&] { return first->is_answered() && second->is_answered() && another->is_answered(); }));
  BOOST_TEST(outcome_of(first) == "accepted");
  BOOST_TEST((first->await().value().accepted == second->await().value().accepted));
  BOOST_TEST(outcome_of(another) == "id_reused");
  BOOST_TEST((added_in(w, "a") == std::vector<std::int64_t>{5}));
}

BOOST_AUTO_TEST_CASE(case_129_thousands_of_resent_ids_of_one_aggregate_cost_one_search) {
  far_world w;
  auto& far = w.add_caller();
  BOOST_REQUIRE(w.link_up(far));
  std::vector<std::shared_ptr<annals::detail::waiter>> sent;
  for (int i = 0; i < 8'192; ++i) sent.push_back(far.send("counter", "a", add{1}));
  far.step();
  w.net.is_down = true;
  w.pass(20ms);
  w.kill_server(1ms);
  w.start_server();
  w.net.is_down = false;
  BOOST_TEST(w.until([&] { return far.calls.outstanding() == 0; }));
  for (const auto& one : sent) BOOST_REQUIRE(outcome_of(one) == "accepted");
  BOOST_TEST(added_in(w, "a").size() == 8'192u);
}

BOOST_AUTO_TEST_CASE(a_peer_cannot_take_the_session_of_another) {
  far_world w;
  auto& one = w.add_caller(1);
  BOOST_REQUIRE(w.link_up(one));
  auto& thief = w.add_caller(1, "till", other_number);
  const auto sent = thief.send("counter", "a", add{5}, {}, 3s);
  BOOST_TEST(w.until([&] { return sent->is_answered(); }));
  BOOST_TEST(outcome_of(sent) == "not_written");
  BOOST_TEST(sent->await().error().message().find("belongs to another peer") != std::string::npos, sent->await().error().message());
  BOOST_TEST(one.calls.is_linked());
}

BOOST_AUTO_TEST_CASE(case_133_another_history_makes_what_is_in_flight_unknown) {
  far_world w;
  auto& far = w.add_caller();
  BOOST_REQUIRE(w.link_up(far));
  const auto sent = far.send("counter", "a", add{5});
  far.step();
  w.kill_server(1ms);
  w.history = 99;  // continues the one before
  w.start_server();
  BOOST_TEST(w.until([&] { return sent->is_answered(); }));
  BOOST_TEST(outcome_of(sent) == "unknown");
  BOOST_TEST(sent->await().error().message().find("the history has changed") != std::string::npos, sent->await().error().message());
  const auto next = far.send("counter", "a", add{6});
  BOOST_TEST(w.until([&] { return next->is_answered(); }));
  BOOST_TEST(outcome_of(next) == "accepted");
}

BOOST_AUTO_TEST_CASE(case_133_since_of_a_former_history_reaches_back_to_the_fork) {
  // `first` is in the part that both histories have, `lost` is not.
  for (const auto session : {1, 2}) {  // the same handle, and another process that goes on with what the host has kept
    far_world w;
    auto* far = &w.add_caller(1);
    BOOST_REQUIRE(w.link_up(*far));
    const auto before = far->send("counter", "b", add{1, 100});
    BOOST_REQUIRE(w.until([&] { return before->is_answered(); }));
    const auto first = far->send("counter", "a", add{5}, "order-7");
    BOOST_REQUIRE(w.until([&] { return first->is_answered(); }));
    const auto lost = far->send("counter", "a", add{6}, "order-8");
    BOOST_REQUIRE(w.until([&] { return lost->is_answered(); }));
    BOOST_TEST(lost->await()->accepted.at == 102u);
    w.kill_server(1ms);
    auto& identity = w.store.log->identity;  // the store is set back and goes on in a new history, as a restored backup does
    identity.former.push_back({identity.history, 101});
    identity.history += 2;
    w.store.log->records.resize(101);
    w.store.index = std::make_shared<annals::store::memory_derived_disk>();
    w.store.images = std::make_shared<annals::store::memory_image_disk>();
    w.start_server();
    BOOST_REQUIRE(w.until([&] { return !far->calls.is_linked(); }));
    BOOST_REQUIRE(w.link_up(*far));
    if (session != 1) far = &w.add_caller(static_cast<unsigned char>(session));
    // More of the new history than the former one had: a bare position would be behind all this.
    for (int i = 0; i < 200; ++i) w.engine().add("a");
    const auto again = far->send_since("counter", "a", add{5}, "order-7", first->since);
    const auto lost_again = far->send_since("counter", "a", add{6}, "order-8", lost->since);
    BOOST_REQUIRE(w.until([&] { return again->is_answered() && lost_again->is_answered(); }));
    BOOST_TEST(outcome_of(again) == "accepted");
    BOOST_TEST(again->await()->accepted.version == 1u);  // the first answer: no second effect
    BOOST_TEST(outcome_of(lost_again) == "accepted");
    BOOST_TEST(lost_again->await()->accepted.version == 202u);  // its first effect in this history
    const auto third = far->send_since("counter", "a", add{6}, "order-8", lost->since);
    BOOST_REQUIRE(w.until([&] { return third->is_answered(); }));
    BOOST_TEST((third->await()->accepted == lost_again->await()->accepted));
    const auto log = added_in(w, "a");
    BOOST_TEST(std::count(log.begin(), log.end(), 5) == 1);
    BOOST_TEST(std::count(log.begin(), log.end(), 6) == 1);
  }
}

BOOST_AUTO_TEST_CASE(an_answer_is_kept_for_a_minute_after_its_link_and_forgotten_after_it) {
  far_world w;
  auto& far = w.add_caller();
  BOOST_REQUIRE(w.link_up(far));
  const auto sent = far.send("counter", "a", add{-5}, {}, 300s);
  far.step();
  w.net.cut_one_way(1, 0ms);  // the answer does not arrive
  w.net.is_down = true;
  w.pass(50s);
  BOOST_TEST(outcome_of(sent) == "nothing");
  w.net.is_down = false;
  BOOST_TEST(w.until([&] { return sent->is_answered(); }));
  BOOST_TEST(outcome_of(sent) == "rejected");
}

BOOST_AUTO_TEST_SUITE_END()
