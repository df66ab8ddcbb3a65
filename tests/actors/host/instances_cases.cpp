// Instances of process managers, as views from inside and from outside show them: counts, lists, and what one of them did.
#include "actors/host/looking.hpp"
#include "support/printed.hpp"
#include "support/temporary_directory.hpp"

#include <annals/store_view.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>

using namespace annals;
using namespace looking;

namespace {

instance_counts counted(const annals::view& in) { return in.count_instances("fulfilment").value(); }

std::vector<std::string> listed(const annals::view& in, std::optional<instance_state> state, std::size_t max = 50) {
  std::vector<std::string> all;
  for (instance_query which{"fulfilment", state, {}, max};;) {
    const auto page = in.instances(which).value();
    BOOST_TEST(page.instances.size() <= max);
    for (const auto& one : page.instances) {
      BOOST_TEST((!state || one.state == *state));
      all.push_back(one.stream);
    }
    if (!page.next) return all;
    which.after = *page.next;
  }
}

using names = std::vector<std::string>;

/// Running, as long as no stored checkpoint says that the process manager has observed everything; it is stored on close at the latest.
instance_state ended_in(const annals::view& in) { return counted(in).running > 0 ? instance_state::running : instance_state::ended; }
std::uint64_t done(const instance_counts& counts) { return counts.running + counts.ended; }

/// From inside, what slow_payment does not take is held; from outside it is open.
void counts_and_lists_them(const annals::view& in, bool inside) {
  const auto open_state = inside ? instance_state::held : instance_state::open_commands;
  const auto counts = counted(in);
  BOOST_TEST(counts.stuck == 1u);
  BOOST_TEST((counts.held == (inside ? std::optional<std::uint64_t>{1} : std::nullopt)));
  BOOST_TEST(counts.open_commands == (inside ? 0u : 1u));
  BOOST_TEST(counts.waiting == 1u);
  BOOST_TEST(done(counts) == 1u);
  BOOST_TEST(counts.at == counts.head);
  BOOST_TEST((listed(in, instance_state::stuck) == names{"fulfilment-stuck"}));
  BOOST_TEST((listed(in, open_state) == names{"fulfilment-open"}));
  BOOST_TEST((listed(in, inside ? instance_state::open_commands : instance_state::held) == names{}));
  BOOST_TEST((listed(in, instance_state::waiting) == names{"fulfilment-waiting"}));
  const auto now = ended_in(in);
  BOOST_TEST((listed(in, now) == names{"fulfilment-ended"}));
  BOOST_TEST((listed(in, now == instance_state::ended ? instance_state::running : instance_state::ended) == names{}));
  for (std::size_t max : {1, 2, 50}) BOOST_TEST((listed(in, {}, max) == names{"fulfilment-ended", "fulfilment-open", "fulfilment-waiting"}));
  const auto open = in.instances({"fulfilment", open_state}).value().instances.at(0);
  BOOST_TEST(open.open_commands == 1u);
  BOOST_TEST(open.commands.at(0).command == "capture_payment");
  BOOST_TEST(open.commands.at(0).to == "payment-open");
  BOOST_TEST(open.held.has_value() == inside);
  if (open.held) {
    BOOST_TEST(open.held->sent == open.commands.at(0).sent);
    BOOST_TEST(open.held->command == "capture_payment");
    BOOST_TEST(open.held->to == "payment-open");
    BOOST_TEST(open.held->why == "not_hosted: the aggregate has no such command (payment: capture_payment)");
  }
  BOOST_TEST(open.timers.at(0).timer == "payment_overdue");
  BOOST_TEST(open.last_event == "line_reserved");
  BOOST_TEST(open.type == "annals.command_sent");
  BOOST_TEST(open.began > 0);
  const auto ended = in.instances({"fulfilment", now}).value().instances.at(0);
  BOOST_TEST(ended.refused == 1u);
  BOOST_TEST(ended.last_event == "fulfilment_ended");
  const auto stuck = in.instances({"fulfilment", instance_state::stuck}).value().instances.at(0);
  BOOST_TEST(stuck.newest == 0u);
  BOOST_TEST(stuck.parked.value().error.find("too_large") != std::string::npos);
  BOOST_TEST((in.count_instances("order").error().code == errc::not_hosted));
  BOOST_TEST((in.instances({"fulfilment", {}, {}, 0}).error().code == errc::bad_option));
}

const turn_item& item_of(const instance_history& of, std::string_view name) {
  for (const auto& turn : of.turns)
    for (const auto& item : turn.items)
      if (item.name == name) return item;
  throw std::runtime_error("no such item: " + std::string{name});
}

void tells_what_an_open_one_did(const annals::view& in, bool inside) {
  const auto one = in.instance("fulfilment-open").value();
  BOOST_TEST_REQUIRE(one.turns.size() == 3u);
  BOOST_TEST(one.unsearched == 0u);
  BOOST_TEST((one.now.state == (inside ? instance_state::held : instance_state::open_commands)));
  const auto& first = one.turns[0];
  BOOST_TEST((first.cause == turn_cause::observed));
  BOOST_TEST(first.cause_stream == "order-open");
  BOOST_TEST(first.cause_type == "order_placed");
  BOOST_TEST(first.items.at(0).name == "fulfilment_started");
  const auto& reserve = first.items.at(1);
  BOOST_TEST((reserve.what == turn_item::kind::command));
  BOOST_TEST(reserve.json == R"({"order":"open","quantity":1})");
  const auto sender = sender_of(reserve.id).value();
  BOOST_TEST(sender.stream == "fulfilment-open");
  BOOST_TEST(sender.version == reserve.version);
  BOOST_TEST(reserve.answer.value().accepted);
  BOOST_TEST(reserve.answer->type == "stock_reserved");
  BOOST_TEST(one.turns[1].cause_at == reserve.answer->at);
  BOOST_TEST(one.turns[1].cause_version == reserve.answer->target_version);
  const auto& timer = item_of(one, "payment_overdue");
  BOOST_TEST((timer.what == turn_item::kind::timer));
  BOOST_TEST(timer.due > one.turns[1].time);
  BOOST_TEST(!timer.end.has_value());
  BOOST_TEST(item_of(one, "authorize_payment").answer.value().type == "payment_authorized");
  BOOST_TEST(!item_of(one, "capture_payment").answer.has_value());
  // The same in pages; a page begins with the turn to which the version belongs.
  std::vector<version> begins;
  for (std::optional<version> from = 2; from;) {
    const auto page = in.instance("fulfilment-open", *from, 1).value();
    BOOST_TEST_REQUIRE(page.turns.size() == 1u);
    begins.push_back(page.turns[0].version);
    from = page.next;
  }
  BOOST_TEST((begins == std::vector<version>{1, one.turns[1].version, one.turns[2].version}));
}

void tells_what_the_others_did(const annals::view& in) {
  const auto waiting = in.instance("fulfilment-waiting").value();
  const auto& answered = item_of(waiting, "authorize_payment").answer.value();
  BOOST_TEST(answered.accepted);
  BOOST_TEST(answered.target_version == 0u);
  BOOST_TEST((waiting.turns.back().cause == turn_cause::answered));
  BOOST_TEST(waiting.turns.back().cause_stream == "payment-waiting");
  BOOST_TEST(waiting.turns.back().cause_type == "authorize_payment");
  const auto ended = in.instance("fulfilment-ended").value();
  const auto& refused = item_of(ended, "reserve_stock").answer.value();
  BOOST_TEST(!refused.accepted);
  BOOST_TEST(refused.code == "out_of_stock");
  BOOST_TEST(item_of(ended, "cancel_order").answer.value().type == "order_cancelled");
  BOOST_TEST(ended.turns[0].correlation == "pears");
  const auto stuck = in.instance("fulfilment-stuck").value();
  BOOST_TEST(stuck.turns.empty());
  BOOST_TEST((stuck.now.state == instance_state::stuck));
  BOOST_TEST((in.instance("fulfilment-none").error().code == errc::not_found));
  BOOST_TEST((in.instance("order-open").error().code == errc::not_hosted));
}

void shows_instances(const annals::view& in, bool inside) {
  counts_and_lists_them(in, inside);
  tells_what_an_open_one_did(in, inside);
  tells_what_the_others_did(in);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(instances_of_process_managers)

BOOST_AUTO_TEST_CASE(are_shown_in_every_state_from_inside_and_from_outside) {
  temporary_directory d;
  {
    auto rt = open_shop(d / "s", slow_shop());
    place_orders(rt);
    const auto in = rt.view();
    wait_until([&] { return counted(in).stuck == 1u && done(counted(in)) == 1u; });
    shows_instances(in, true);
  }
  const auto outside = store_view::open(d / "s", slow_shop()).value();
  shows_instances(outside, false);
  BOOST_TEST((ended_in(outside) == instance_state::ended));
}

BOOST_AUTO_TEST_CASE(a_view_reads_on_and_a_later_program_answers_what_was_open) {
  temporary_directory d;
  {
    auto rt = open_shop(d / "s", slow_shop());
    place_orders(rt);
  }
  const auto whole_shop = hosted_types{}.host<shop::order>().host<shop::inventory>().host<shop::payment>().orchestrate<shop::fulfilment>();
  auto rt = open_shop(d / "s", whole_shop, 100);
  const auto in = rt.view();
  rt.settle(std::chrono::minutes{1}).value();
  // The payment of one that waited was never authorized; what was stuck is tried again, and there is no stock for it.
  wait_until([&] {
    const auto now = counted(in);
    return now.at == rt.head().at && now.stuck == 0 && now.held == 0u && now.open_commands == 0 && now.waiting == 1 && done(now) == 3;
  });
  const auto shipped = in.instance("fulfilment-open").value();
  BOOST_TEST(item_of(shipped, "capture_payment").answer.value().type == "payment_captured");
  const auto& timer = item_of(shipped, "payment_overdue");
  BOOST_TEST(!timer.end.value().fired);
  BOOST_TEST(item_of(shipped, "ship_order").answer.value().type == "order_shipped");
  for (const auto& turn : shipped.turns)
    for (const auto& item : turn.items) BOOST_TEST((item.what != turn_item::kind::command || item.answer.has_value()));
  rt.send<shop::order>("later", order_of({"apple"}, 5)).get().value();
  rt.settle(std::chrono::minutes{1}).value();
  wait_until([&] { return done(counted(in)) == 4u; });
}

BOOST_AUTO_TEST_SUITE_END()
