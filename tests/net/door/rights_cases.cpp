// Who may call what: every call with every right, about what it is held for and about something else.
#include "net/door/rights_of_calls.hpp"
#include "net/wire/copy_calls.hpp"
#include "net/wire/records.hpp"
#include "support/net/far_world.hpp"
#include "support/readings.hpp"

#include <boost/test/unit_test.hpp>

#include <map>

using namespace std::chrono_literals;
using annals::net::call;
using annals::net::verb;

namespace {

/// A role: one verb, for the counter and the sums, or for something else.
std::string role(verb v, std::string_view of) { return std::string{annals::net::to_string(v)} + " = [\"" + std::string{of} + "\"]"; }

/// Makes a call about the counter, its sums, or the subscription of the counter's events.
std::shared_ptr<annals::detail::waiter> make(far_caller& by, call what, std::uint64_t member) {
  using namespace annals::net;
  switch (what) {
    case call::ask: return by.ask(what, ask_call{"sums", "sum_of", annals::encoded(world::sum_of{"a"}), {}, 0, 0, 0});
    case call::stream: return by.ask(what, stream_call{"counter-a", 1, 10});
    case call::state: return by.ask(what, state_call{"counter", "a", {}, {}, {}});
    case call::log: return by.ask(what, log_call{1, 10});
    case call::parked:
    case call::rebuild: return by.ask(what, owner_call{"sums"});
    case call::retry_parked:
    case call::skip_parked: return by.ask(what, position_call{"sums", 1});
    case call::subscribe: {
      subscribe_call asked;
      asked.name = "mails";
      asked.categories = {"counter"};
      return by.ask(what, asked);
    }
    case call::next: return by.ask(what, next_call{member, 10, 1});
    case call::ack: return by.ask(what, ack_call{member, {1}});
    case call::nack: return by.ask(what, nack_call{member, 1, "no"});
    case call::resolve: return by.ask(what, resolve_call{member, 1, true});
    case call::member_parked:
    case call::leave: return by.ask(what, member_call{member});
    case call::pull: return by.ask(what, pull_call{});
    case call::head:
    case call::health:
    case call::statistics:
    case call::source: break;
  }
  return by.ask(what, nothing_call{});
}

/// The role that may make the call, by the design. This table is written a second time on purpose: a row that changes has to change here.
const std::map<call, std::string> allowed_by{{call::ask, "ask sums"},
                                             {call::stream, "read counter"},
                                             {call::state, "read counter"},
                                             {call::log, "replay *"},
                                             {call::head, "any"},
                                             {call::health, "operate *"},
                                             {call::parked, "operate sums"},
                                             {call::retry_parked, "operate sums"},
                                             {call::skip_parked, "operate sums"},
                                             {call::rebuild, "operate sums"},
                                             {call::subscribe, "replay counter"},
                                             {call::next, "replay counter"},
                                             {call::ack, "replay counter"},
                                             {call::nack, "replay counter"},
                                             {call::resolve, "replay counter"},
                                             {call::member_parked, "replay counter"},
                                             {call::leave, "any"},
                                             {call::statistics, "operate *"},
                                             {call::source, "admin *"},
                                             {call::pull, "admin *"}};

bool is_allowed(call what, verb v, std::string_view of) {
  const auto& by = allowed_by.at(what);
  return by == "any" || by == std::string{annals::net::to_string(v)} + " " + std::string{of} ||
         (of == "*" && by.starts_with(annals::net::to_string(v)));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(rights)

BOOST_AUTO_TEST_CASE(case_127_every_call_needs_its_right_and_nothing_else_permits_it) {
  BOOST_TEST(allowed_by.size() == annals::net::calls.size());
  far_world w{1, peers_of(peer_lines("shop-web", client_number, all_rights))};
  auto& far = w.add_caller();
  (void)far.send("counter", "a", world::add{1});
  std::size_t refused = 0, commands_refused = 0;
  std::map<std::string, double> lacked;  // by right
  for (const auto v : annals::net::verbs)
    for (const std::string_view of : {"counter", "sums", "other", "*"}) {
      if (v == verb::admin && of != "*") continue;  // the file has no such right
      // The member is made while that is permitted, and its calls under the rights at hand.
      w.door().set_known(peers_of(peer_lines("shop-web", client_number, all_rights)));
      const auto joined = make(far, call::subscribe, 0);
      BOOST_REQUIRE(w.until([&] { return joined->is_answered(); }));
      const auto member = annals::decoded<annals::net::member_call>(joined->await().value().bytes).value().member;
      w.door().set_known(peers_of(peer_lines("shop-web", client_number, role(v, of))));
      for (const auto what : annals::net::calls) {
        if (what == call::leave) continue;
        const auto asked = make(far, what, member);
        BOOST_REQUIRE(w.until([&] { return asked->is_answered(); }));
        const bool is_forbidden = outcome_of(asked) == "forbidden";
        BOOST_TEST(is_forbidden == !is_allowed(what, v, of),
                   annals::net::to_string(what) << " with the right to " << annals::net::to_string(v) << " " << of << ": " << outcome_of(asked));
        refused += is_forbidden;
        const auto needed = allowed_by.at(what);
        lacked[needed.substr(0, needed.find(' '))] += is_forbidden;
      }
      const auto sent = far.send("counter", "a", world::add{1});
      BOOST_REQUIRE(w.until([&] { return sent->is_answered(); }));
      const bool may_append = v == verb::append && (of == "counter" || of == "*");
      BOOST_TEST(outcome_of(sent) == (may_append ? "accepted" : "forbidden"));
      refused += !may_append;
      commands_refused += !may_append;
      const auto left = make(far, call::leave, member);
      BOOST_REQUIRE(w.until([&] { return left->is_answered(); }));
      BOOST_TEST(outcome_of(left) == "accepted");
    }
  BOOST_TEST(w.door().counts().forbidden_calls == refused);
  const auto now = w.engine().engine().metrics();
  lacked["append"] = static_cast<double>(commands_refused);
  for (const auto v : annals::net::verbs) {
    const std::string right{annals::net::to_string(v)};
    BOOST_TEST(reading(now, "annals_access_denied_total", {right}) == lacked[right], right);
  }
  BOOST_TEST(total(now, "annals_access_denied_total") == static_cast<double>(refused));
  BOOST_TEST(reading(now, "annals_commands_total", {"counter", "forbidden"}) == static_cast<double>(commands_refused));
  // Denied calls are reported in sum, not one by one.
  BOOST_TEST(w.until([&] { return !w.served().lines.empty(); }));
  BOOST_TEST(w.served().lines.size() < refused / 4);
}

BOOST_AUTO_TEST_CASE(a_peer_without_any_right_may_do_nothing) {
  far_world w{1, peers_of(peer_lines("shop-web", client_number, ""))};
  auto& far = w.add_caller();
  for (const auto what : annals::net::calls) {
    const auto asked = make(far, what, 1);
    BOOST_REQUIRE(w.until([&] { return asked->is_answered(); }));
    BOOST_TEST(outcome_of(asked) == "forbidden", annals::net::to_string(what));
  }
  const auto sent = far.send("counter", "a", world::add{1});
  BOOST_TEST(w.until([&] { return sent->is_answered(); }));
  BOOST_TEST(outcome_of(sent) == "forbidden");
  BOOST_TEST(sent->await().error().message().find("append of counter") != std::string::npos, sent->await().error().message());
}

BOOST_AUTO_TEST_CASE(an_unknown_call_and_a_malformed_one_get_an_answer) {
  far_world w;
  auto& far = w.add_caller();
  const auto unknown = far.calls.ask(annals::net::caller::kind::question, 200, {}, 5s);
  const auto malformed = far.calls.ask(annals::net::caller::kind::question, static_cast<std::uint8_t>(call::stream), "\xc1", 5s);
  BOOST_TEST(w.until([&] { return unknown->is_answered() && malformed->is_answered(); }));
  BOOST_TEST(outcome_of(unknown) == "invalid_command");
  BOOST_TEST(outcome_of(malformed) == "invalid_command");
  BOOST_TEST(far.calls.is_linked());
}

BOOST_AUTO_TEST_CASE(the_principal_is_the_peers_name_unless_it_acts_for_others) {
  for (const bool acts : {false, true}) {
    far_world w{1, peers_of(peer_lines("shop-web", client_number, std::string{"append = [\"*\"]\nacts_for_others = "} + (acts ? "true" : "false")))};
    auto& far = w.add_caller();
    const auto body = annals::encoded(world::add{1});
    annals::net::command_frame frame;
    frame.category = "counter";
    frame.key = "a";
    frame.name = "add";
    frame.principal = "anna";
    frame.body = body;
    const auto sent = far.calls.send(frame, 5s);
    BOOST_TEST(w.until([&] { return sent->is_answered(); }));
    std::string principal;
    w.engine().engine().read_stream("counter-a", 1, 1, [&](const auto& r) { return principal = r.principal, true; }).value();
    BOOST_TEST(principal == (acts ? "anna" : "shop-web"));
  }
}

BOOST_AUTO_TEST_CASE(case_127_commands_and_ids_of_the_runtime_are_refused) {
  far_world w;
  auto& far = w.add_caller();
  const auto body = annals::encoded(world::add{1});
  const auto send = [&](std::string_view name, std::string_view id) {
    annals::net::command_frame frame;
    frame.category = "counter";
    frame.key = "a";
    frame.name = name;
    frame.id = id;
    frame.body = body;
    auto sent = far.calls.send(frame, 5s);
    BOOST_TEST(w.until([&] { return sent->is_answered(); }));
    return outcome_of(sent);
  };
  BOOST_TEST(send("add",
                  "\x01"
                  "counter-a#1") == "invalid_command");
  BOOST_TEST(send("annals.observe", "x") == "invalid_command");
  BOOST_TEST(send("add", "mine") == "accepted");
}

BOOST_AUTO_TEST_CASE(case_127_a_right_that_is_taken_away_ends_a_subscription_until_it_comes_back) {
  far_world w;
  auto& far = w.add_caller();
  const auto answer_to = [&](call what, std::uint64_t member) {
    auto asked = make(far, what, member);
    BOOST_REQUIRE(w.until([&] { return asked->is_answered(); }));
    return asked;
  };
  const auto join = [&] { return annals::decoded<annals::net::member_call>(answer_to(call::subscribe, 0)->await().value().bytes).value().member; };
  const auto member = join();
  const auto waiting = far.ask(call::next, annals::net::next_call{member, 10, 10'000});
  w.pass(10ms);
  BOOST_TEST(outcome_of(waiting) == "nothing");
  w.door().set_known(peers_of(peer_lines("shop-web", client_number, "append = [\"*\"]")));
  const auto sent = far.send("counter", "a", world::add{1});
  BOOST_TEST(w.until([&] { return waiting->is_answered() && sent->is_answered(); }));
  BOOST_TEST(outcome_of(sent) == "accepted");
  BOOST_TEST(outcome_of(waiting) == "forbidden");  // the event was there, and is not handed out
  w.door().set_known(trusting());
  BOOST_TEST(outcome_of(answer_to(call::next, member)) == "not_found");  // so it joins again
  std::size_t handed_out = 0;
  annals::net::read_batch(answer_to(call::next, join())->await().value().bytes, [&](const annals::record_view&, std::uint32_t) {
    return ++handed_out, true;
  }).value();
  BOOST_TEST(handed_out == 1u);
}

BOOST_AUTO_TEST_CASE(a_peer_that_is_removed_loses_its_link) {
  far_world w;
  auto& far = w.add_caller();
  BOOST_REQUIRE(w.link_up(far));
  w.door().set_known(peers_of(peer_lines("till", other_number, all_rights)));
  BOOST_TEST(w.until([&] { return !far.calls.is_linked(); }));
  const auto sent = far.send("counter", "a", world::add{1}, {}, 5s);
  BOOST_TEST(w.until([&] { return sent->is_answered(); }));
  BOOST_TEST(outcome_of(sent) == "not_written");
  BOOST_TEST(sent->await().error().message().find("forbidden") != std::string::npos, sent->await().error().message());
}

BOOST_AUTO_TEST_SUITE_END()
