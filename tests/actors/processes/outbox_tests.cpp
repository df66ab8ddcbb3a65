// What an outbox sends, in any order of records and answers: against the rules, kept the slow way.
#include "actors/processes/command_ids.hpp"
#include "actors/processes/outbox.hpp"
#include "support/relay.hpp"

#include <rapidcheck.h>
#include <boost/test/unit_test.hpp>

using namespace annals;
using namespace annals::actors;

namespace {

const auto relay_table = detail::table_of_process<world::relay>();
const auto counter_table = detail::table_of_aggregate<world::counter>();

answer refusal(std::uint64_t number, errc code) {
  answer made;
  made.number = number;
  made.refused = std::make_shared<const error>(error{code, "refused", {}});
  return made;
}

/// An outbox, and the log that it follows.
struct outbox_rig {
  parking parked{failure_policy{}};
  outbox box{relay_table, [](std::string_view category) { return category == "counter" ? &counter_table : nullptr; }, 1, parked};
  struct send {
    std::string instance, target;
    version sent = 0;
    std::uint64_t number = 0;  // of the newest attempt; 0: none is under way
    bool is_told = false;      // the instance is being told
  };
  std::map<position, send> open;
  std::map<std::string, version> versions;
  position head = 0;
  int now = 0;

  outbox::time_point time() const { return outbox::time_point{std::chrono::seconds{now}}; }

  record_view record(const std::string& stream, std::string_view type, const std::string& payload) {
    record_view made;
    made.at = ++head;
    made.stream = stream;
    made.version = ++versions[stream];
    made.type = type;
    made.schema = 2;
    made.payload = payload;
    made.checksum = head;
    return made;
  }

  void add(const std::string& instance, const std::string& target) {
    const detail::command_sent what{target, "note", {encoded(world::note{"x"})}};
    const auto bytes = encoded(what);
    const auto r = record(instance, "annals.command_sent", bytes);
    box.follow(r, what);
    open.emplace(head, send{instance, target, r.version});
  }

  /// The record that the command of this send has left.
  void leave_record(position at) {
    const auto& one = open.at(at);
    const auto body = encoded(world::note{"x"});
    command sent;
    sent.name = "note";
    sent.body = body;
    auto r = record(one.target, "noted", body);
    const auto id = id_of_send(one.instance, one.sent, at);
    r.command_id = id;
    r.fingerprint = sent.fingerprint();
    box.follow(r);
    open.erase(at);
  }

  /// Takes all messages that the outbox has to send, and checks that each may be sent now.
  void send_all() {
    while (auto made = box.next(time())) {
      RC_ASSERT(!made->refused);
      const auto& cmd = made->what;
      RC_ASSERT(cmd.reply.to == 1u);
      if (cmd.name == "note") {
        const auto at = cmd.since;
        auto& one = open.at(at);
        RC_ASSERT(cmd.stream == one.target);
        RC_ASSERT(cmd.id == id_of_send(one.instance, one.sent, at));
        RC_ASSERT(!one.is_told);
        for (const auto& [other, o] : open)  // in order, one at a time, for each instance and target
          if (o.instance == one.instance && o.target == one.target) {
            RC_ASSERT(other >= at);
            break;
          }
        one.number = cmd.reply.number;
      } else {
        const auto told = decoded<detail::take_answer>(cmd.body).value();
        const auto found = std::find_if(open.begin(), open.end(),
                                        [&](const auto& one) { return one.second.instance == cmd.stream && one.second.sent == told.sent; });
        RC_ASSERT(found != open.end());
        found->second.is_told = true;
        found->second.number = cmd.reply.number;
      }
    }
  }

  /// Nothing that could be sent is left.
  void check_nothing_waits() const {
    std::set<std::pair<std::string, std::string>> lanes;
    for (const auto& [at, one] : open)
      if (lanes.emplace(one.instance, one.target).second) RC_ASSERT(one.number != 0u);
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(outboxes)

BOOST_AUTO_TEST_CASE(whatever_is_answered_each_command_is_sent_in_turn_until_it_is_closed) {
  BOOST_TEST(rc::check([] {
    outbox_rig r;
    r.box.begin();
    const auto steps = *rc::gen::inRange(1, 120);
    for (int i = 0; i < steps; ++i) {
      ++r.now;
      const auto what = *rc::gen::inRange(0, 8);
      std::vector<position> asked;
      for (const auto& [at, one] : r.open)
        if (one.number != 0) asked.push_back(at);
      if (what < 3 || asked.empty()) {
        r.add("relay-" + std::to_string(*rc::gen::inRange(0, 3)), "counter-" + std::to_string(*rc::gen::inRange(0, 3)));
      } else {
        const auto at = *rc::gen::elementOf(asked);
        auto& one = r.open.at(at);
        const auto number = one.number;
        if (what == 3 && !one.is_told) {
          r.leave_record(at);
        } else if (what == 4) {  // an answer without an event: the instance is told, or has been
          answer done;
          done.number = number;
          const bool was_told = one.is_told;
          if (was_told) r.open.erase(at);
          RC_ASSERT(!r.box.answered(done, r.now).stop);
        } else if (what == 5) {
          one.number = 0;
          const auto told = one.is_told;
          one.is_told = false;
          RC_ASSERT(!r.box.answered(refusal(number, *rc::gen::element(errc::unknown, errc::overloaded)), r.now).stop);
          one.is_told = told && false;
        } else if (what == 6 && !one.is_told) {
          RC_ASSERT(!r.box.answered(refusal(number, errc::rejected), r.now).stop);
        } else if (what == 7) {  // lost: sent again under another number, and the old one is nobody's
          for (auto& [position, lost] : r.open) lost.number = 0, lost.is_told = false;
          r.box.resend(r.time() + std::chrono::seconds{1});
          r.send_all();
          const auto under_way = r.box.under_way();
          RC_ASSERT(!r.box.answered(refusal(number, errc::unknown), r.now).stop);
          RC_ASSERT(r.box.under_way() == under_way);
        }
      }
      r.send_all();
      r.check_nothing_waits();
      RC_ASSERT(r.box.under_way() == r.open.size());
      std::vector<position> open;
      for (const auto& [at, one] : r.open) open.push_back(at);
      RC_ASSERT(r.box.open() == open);
    }
  }));
}

BOOST_AUTO_TEST_CASE(nothing_is_sent_before_it_begins_and_then_all_of_it_was_from_before) {
  outbox_rig r;
  r.add("relay-a", "counter-x");
  r.add("relay-a", "counter-y");
  BOOST_TEST(!r.box.next(r.time()).has_value());
  BOOST_TEST(!r.box.is_sending_again());
  r.box.begin();
  BOOST_TEST(r.box.is_sending_again());
  const auto first = r.box.next(r.time());
  BOOST_TEST_REQUIRE(first.has_value());
  BOOST_TEST(first->what.stream == "counter-x");
  r.leave_record(1);
  BOOST_TEST(r.box.is_sending_again());
  r.leave_record(2);
  BOOST_TEST(!r.box.is_sending_again());
}

BOOST_AUTO_TEST_CASE(a_thousand_attempts_are_under_way_at_most) {
  outbox_rig r;
  r.box.begin();
  for (int i = 0; i < 3'000; ++i) r.add("relay-" + std::to_string(i), "counter-x");
  int sent = 0;
  while (r.box.next(r.time())) ++sent;
  BOOST_TEST(sent == 1'024);
  r.leave_record(1);
  BOOST_TEST(r.box.next(r.time()).has_value());
  BOOST_TEST(!r.box.next(r.time()).has_value());
}

BOOST_AUTO_TEST_CASE(what_nobody_here_can_handle_is_held_and_reported_once) {
  outbox_rig r;
  r.box.begin();
  r.add("relay-a", "stranger-1");
  r.add("relay-b", "stranger-2");
  BOOST_TEST(!r.box.next(r.time()).has_value());
  BOOST_TEST(r.box.held().size() == 2u);
  BOOST_TEST(r.box.under_way() == 0u);
  const auto reports = r.box.take_reports();
  BOOST_TEST_REQUIRE(reports.size() == 1u);
  BOOST_TEST((reports[0].code == errc::not_hosted));
  BOOST_TEST(r.box.take_reports().empty());
}

BOOST_AUTO_TEST_SUITE_END()
