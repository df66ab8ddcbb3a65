#include "projections/order_board.hpp"
#include "projections/stock_levels.hpp"

#include <annals/testing.hpp>
#include <shop/fulfilment.hpp>
#include <shop/restocking.hpp>

#include <rapidcheck.h>
#include <boost/test/unit_test.hpp>

using namespace shop;
using namespace std::chrono_literals;
using annals::given;
using annals::send;

namespace {
constexpr auto int64_most = std::numeric_limits<std::int64_t>::max();
const order_placed order_one{"o1", "Ada", "Norway", {{"x", 2, 100}, {"y", 1, 50}}, 0, 250};
}  // namespace

BOOST_AUTO_TEST_SUITE(orders)

BOOST_AUTO_TEST_CASE(an_order_is_placed_with_its_total) {
  given<order>().with_key("o1").when(place_order{"Ada", "Norway", {{"x", 2, 100}, {"y", 1, 50}}, 0}).then(order_one);
  given<order>(order_one).when(place_order{"Ada", "Norway", {{"x", 1, 1}}, 0}).then_rejects("already_placed");
}

BOOST_AUTO_TEST_CASE(lines_that_cannot_be_are_refused) {
  const auto refused = [](std::vector<order_line> lines, std::string_view code) {
    given<order>().when(place_order{"Ada", "Norway", std::move(lines), 0}).then_rejects(code);
  };
  refused({}, "no_lines");
  refused({{"", 1, 1}}, "no_sku");
  refused({{"x", 0, 1}}, "bad_quantity");
  refused({{"x", -1, 1}}, "bad_quantity");
  refused({{"x", 1, -1}}, "bad_price");
  refused({{"x", int64_most, 2}}, "too_much");
  refused({{"x", int64_most, 0}, {"x", 1, 0}}, "too_much");
}

BOOST_AUTO_TEST_CASE(a_confirmed_order_ships_and_cannot_be_cancelled) {
  auto o = given<order>(order_one).with_key("o1");
  o.when(ship_order{}).then_rejects("not_confirmed");
  o.when(confirm_order{}).then(order_confirmed{"o1"});
  o.when(cancel_order{"late"}).then_rejects("already_confirmed");
  o.when(ship_order{}).then(order_shipped{"o1"});
  o.when(ship_order{}).then_rejects("already_shipped");
}

BOOST_AUTO_TEST_CASE(a_cancelled_order_stays_cancelled) {
  auto o = given<order>(order_one).with_key("o1");
  o.when(cancel_order{"changed my mind"}).then(order_cancelled{"o1", "changed my mind"});
  o.when(confirm_order{}).then_rejects("already_cancelled");
  given<order>().when(cancel_order{"x"}).then_rejects("not_placed");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(stock)

BOOST_AUTO_TEST_CASE(stock_is_reserved_released_and_shipped) {
  auto s = given<inventory>(stock_received{"x", 5, {}}).with_key("x");
  s.when(reserve_stock{"o1", 3}).then(stock_reserved{"x", "o1", 3});
  s.when(reserve_stock{"o1", 1}).then_rejects("already_reserved");
  s.when(reserve_stock{"o2", 3}).then_rejects("out_of_stock");
  s.when(release_stock{"o1"}).then(stock_released{"x", "o1", 3});
  s.when(reserve_stock{"o2", 5}).then(stock_reserved{"x", "o2", 5});
  s.when(ship_stock{"o2"}).then(stock_shipped{"x", "o2", 5});
  s.when(ship_stock{"o2"}).then_rejects("not_reserved");
}

BOOST_AUTO_TEST_CASE(a_release_before_the_reservation_refuses_it_for_good) {
  auto s = given<inventory>(stock_received{"x", 5, {}}).with_key("x");
  s.when(release_stock{"o1"}).then(stock_released{"x", "o1", 0});
  s.when(reserve_stock{"o1", 1}).then_rejects("order_cancelled");
}

BOOST_AUTO_TEST_CASE(received_is_on_hand_reserved_and_shipped_whatever_is_asked) {
  BOOST_TEST(rc::check([](const std::vector<std::tuple<int, int, std::int64_t>>& asked) {
    auto s = given<inventory>().with_key("x");
    std::int64_t shipped = 0;
    for (const auto& [what, number, quantity] : asked) {
      const auto o = std::to_string(number % 5);
      const auto made = [&] {
        switch (((what % 4) + 4) % 4) {
          case 0: return s.when(receive_stock{quantity, {}});
          case 1: return s.when(reserve_stock{o, quantity});
          case 2: return s.when(release_stock{o});
          default: return s.when(ship_stock{o});
        }
      }();
      for (const auto& e : made.decision_made().events())
        if (auto* gone = std::get_if<stock_shipped>(&e)) shipped += gone->quantity;
      std::int64_t reserved = 0;
      for (const auto& [order, count] : s.state().reserved) reserved += count;
      RC_ASSERT(s.state().on_hand >= 0);
      RC_ASSERT(s.state().received == s.state().on_hand + reserved + shipped);
    }
  }));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(payments)

BOOST_AUTO_TEST_CASE(a_payment_is_authorized_captured_and_refunded) {
  auto p = given<payment>().with_key("o1");
  p.when(capture_payment{}).then_rejects("not_authorized");
  p.when(authorize_payment{250, 0}).then(payment_authorized{"o1", 250});
  p.when(refund_payment{}).then_rejects("not_captured");
  p.when(capture_payment{}).then(payment_captured{"o1", 250});
  p.when(void_payment{}).then_rejects("already_captured");
  p.when(refund_payment{}).then(payment_refunded{"o1", 250});
}

BOOST_AUTO_TEST_CASE(a_payment_above_the_limit_is_declined) {
  given<payment>().when(authorize_payment{251, 250}).then_rejects("payment_declined");
  given<payment>().with_key("o1").when(authorize_payment{250, 250}).then(payment_authorized{"o1", 250});
}

BOOST_AUTO_TEST_CASE(a_voided_payment_refuses_the_authorization_that_comes_late) {
  auto p = given<payment>().with_key("o1");
  p.when(void_payment{}).then(payment_voided{"o1"});
  p.when(authorize_payment{1, 0}).then_rejects("payment_voided");
  p.when(void_payment{}).then_nothing();
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(fulfilments)

namespace {
using process = annals::process_under_test<fulfilment>;

process started() {
  auto p = annals::process<fulfilment>("o1");
  p.observes<order>("o1", order_one);
  return p;
}
process reserved() {
  auto p = started();
  p.observes<inventory>("x", stock_reserved{"x", "o1", 2}).observes<inventory>("y", stock_reserved{"y", "o1", 1});
  return p;
}
process paid() {
  auto p = reserved();
  p.observes<payment>("o1", payment_authorized{"o1", 250}).observes<payment>("o1", payment_captured{"o1", 250});
  return p;
}
}  // namespace

BOOST_AUTO_TEST_CASE(an_order_goes_through_inventory_and_payment_and_ships) {
  auto p = started();
  p.then(fulfilment_started{{{"x", 2}, {"y", 1}}, 250, 0}, send<inventory>("x", reserve_stock{"o1", 2}),
         send<inventory>("y", reserve_stock{"o1", 1}));
  p.observes<inventory>("x", stock_reserved{"x", "o1", 2}).then(line_reserved{"x"});
  p.observes<inventory>("y", stock_reserved{"y", "o1", 1})
      .then(line_reserved{"y"}, send<payment>("o1", authorize_payment{250, 0}), annals::after(15min, payment_overdue{}));
  p.observes<payment>("o1", payment_authorized{"o1", 250}).then(send<payment>("o1", capture_payment{}));
  p.observes<payment>("o1", payment_captured{"o1", 250}).then(order_paid{}, annals::cancel<payment_overdue>(), send<order>("o1", confirm_order{}));
  p.observes<order>("o1", order_confirmed{"o1"})
      .then(send<inventory>("x", ship_stock{"o1"}), send<inventory>("y", ship_stock{"o1"}), send<order>("o1", ship_order{}),
            fulfilment_ended{"shipped"});
  BOOST_TEST(p.open_timers() == 0u);
}

BOOST_AUTO_TEST_CASE(lines_of_one_sku_are_reserved_as_one_sum) {
  auto p = annals::process<fulfilment>("o2");
  p.observes<order>("o2", order_placed{"o2", "Ada", "Norway", {{"x", 2, 10}, {"x", 3, 10}}, 0, 50})
      .then(fulfilment_started{{{"x", 5}}, 50, 0}, send<inventory>("x", reserve_stock{"o2", 5}));
}

BOOST_AUTO_TEST_CASE(out_of_stock_releases_the_other_lines_and_cancels_once) {
  auto p = started();
  p.observes<inventory>("y", stock_reserved{"y", "o1", 1});
  p.hears_rejection<inventory>("x", reserve_stock{"o1", 2}, "out_of_stock")
      .then(fulfilment_ended{"out_of_stock"}, send<inventory>("y", release_stock{"o1"}), send<order>("o1", cancel_order{"out_of_stock"}));
  p.hears_rejection<inventory>("y", reserve_stock{"o1", 1}, "out_of_stock").then_nothing();
}

BOOST_AUTO_TEST_CASE(a_reservation_that_comes_after_the_end_is_left_to_the_release_behind_it) {
  auto p = started();
  p.hears_rejection<inventory>("x", reserve_stock{"o1", 2}, "out_of_stock");
  p.observes<inventory>("y", stock_reserved{"y", "o1", 1}).then_nothing();
}

BOOST_AUTO_TEST_CASE(a_declined_payment_releases_the_stock_and_cancels) {
  auto p = reserved();
  p.hears_rejection<payment>("o1", authorize_payment{250, 0}, "payment_declined")
      .then(fulfilment_ended{"payment_declined"}, send<inventory>("x", release_stock{"o1"}), send<inventory>("y", release_stock{"o1"}),
            send<payment>("o1", void_payment{}), annals::cancel<payment_overdue>(), send<order>("o1", cancel_order{"payment_declined"}));
  BOOST_TEST(p.open_timers() == 0u);
}

BOOST_AUTO_TEST_CASE(a_payment_that_is_not_answered_in_time_cancels_the_order) {
  auto p = reserved();
  p.elapse(14min).then_nothing();
  p.elapse(1min).then(fulfilment_ended{"payment_timed_out"}, send<inventory>("x", release_stock{"o1"}), send<inventory>("y", release_stock{"o1"}),
                      send<payment>("o1", void_payment{}), annals::cancel<payment_overdue>(), send<order>("o1", cancel_order{"payment_timed_out"}));
  p.observes<payment>("o1", payment_authorized{"o1", 250}).then_nothing();
  // A capture that overtook the void is given back.
  p.observes<payment>("o1", payment_captured{"o1", 250}).then(send<payment>("o1", refund_payment{}));
}

BOOST_AUTO_TEST_CASE(case_32_a_late_timer_is_ignored_when_the_state_has_moved_on) {
  auto p = paid();
  BOOST_TEST(p.open_timers() == 0u);
  p.elapse(1h).then_nothing();
}

BOOST_AUTO_TEST_CASE(a_customer_who_cancels_gets_everything_undone) {
  started()
      .observes<order>("o1", order_cancelled{"o1", "changed my mind"})
      .then(fulfilment_ended{"cancelled_by_customer"}, send<inventory>("x", release_stock{"o1"}), send<inventory>("y", release_stock{"o1"}));
  paid()
      .hears_rejection<order>("o1", confirm_order{}, "already_cancelled")
      .then(fulfilment_ended{"cancelled_by_customer"}, send<inventory>("x", release_stock{"o1"}), send<inventory>("y", release_stock{"o1"}),
            send<payment>("o1", refund_payment{}));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(deliveries)

BOOST_AUTO_TEST_CASE(a_delivery_reaches_every_sku_once_and_is_complete) {
  const delivery_received came{"d1", "credit_note", {{"x", 2}, {"y", 1}, {"x", 3}}};
  given<delivery>().with_key("d1").when(receive_delivery{"credit_note", {{"x", 2}, {"y", 1}, {"x", 3}}}).then(came);
  given<delivery>(came).when(receive_delivery{"credit_note", {{"x", 1}}}).then_rejects("already_received");
  given<delivery>().when(receive_delivery{"credit_note", {}}).then_rejects("no_lines");
  given<delivery>().when(receive_delivery{"credit_note", {{"x", 1}}, "2010-02-30"}).then_rejects("bad_date");
  given<delivery>().when(receive_delivery{"credit_note", {{"x", 0}}}).then_rejects("bad_quantity");
  auto p = annals::process<restocking>("d1");
  p.observes<delivery>("d1", came)
      .then(restocking_started{2}, send<inventory>("x", receive_stock{5, "d1"}), send<inventory>("y", receive_stock{1, "d1"}));
  p.observes<inventory>("x", stock_received{"x", 5, "d1"}).then(sku_restocked{});
  p.observes<inventory>("y", stock_received{"y", 1, "d1"});
  p.then(sku_restocked{}, send<delivery>("d1", complete_delivery{}));
  BOOST_TEST(!restocking::key(stock_received{"x", 5, {}}));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(shop_projections)

BOOST_AUTO_TEST_CASE(the_board_knows_every_order_and_its_revenue) {
  auto board = annals::project<projections::order_board>();
  board.event<order>("o1", order_one).event<order>("o1", order_confirmed{"o1"}).event<order>("o1", order_shipped{"o1"});
  board.event<order>("o2", order_placed{"o2", "Bob", "Spain", {{"x", 1, 7}}, 0, 7});
  board.event<order>("o2", order_cancelled{"o2", "out_of_stock"});
  board.event<order>("o3", order_placed{"o3", "Ada", "Spain", {{"x", 1, 7}}, 0, 7});
  board.event<delivery>("C1", delivery_received{"C1", "credit_note", {{"x", 4}}});
  const auto t = board.ask(projections::totals_of_board{});
  BOOST_TEST(t.placed == 3);
  BOOST_TEST(t.shipped == 1);
  BOOST_TEST(t.cancelled_by_reason.at("out_of_stock") == 1);
  BOOST_TEST(t.open() == 1);
  BOOST_TEST(t.units_sold == 3);
  BOOST_TEST(t.revenue_cents == 250);
  BOOST_TEST(t.units_returned == 4);
  BOOST_TEST(t.deliveries_under_way == 1);
  BOOST_TEST(board.ask(projections::one_order{"o2"})->reason == "out_of_stock");
  BOOST_TEST(!board.ask(projections::one_order{"o9"}));
  BOOST_TEST((board.ask(projections::orders_with_status{"placed"}) == std::vector<std::string>{"o3"}));
  BOOST_TEST((board.ask(projections::orders_of_customer{"Ada"}) == std::vector<std::string>{"o1", "o3"}));
  BOOST_TEST(board.ask(projections::revenue_by_country{}).at("Norway") == 250);
}

BOOST_AUTO_TEST_CASE(stock_levels_add_up_after_every_event) {
  auto levels = annals::project<projections::stock_levels>();
  levels.event<inventory>("x", stock_received{"x", 5, {}}).event<inventory>("x", stock_reserved{"x", "o1", 3});
  BOOST_TEST(levels.model().by_sku.at("x").adds_up());
  levels.event<inventory>("x", stock_reserved{"x", "o2", 2}).event<inventory>("x", stock_released{"x", "o2", 2});
  levels.event<inventory>("x", stock_shipped{"x", "o1", 3});
  const auto x = levels.ask(projections::level_of{"x"});
  BOOST_TEST(x.adds_up());
  BOOST_TEST(x.on_hand == 2);
  BOOST_TEST(x.shipped == 3);
  BOOST_TEST(levels.ask(projections::totals_of_stock{}).received == 5);
}

BOOST_AUTO_TEST_SUITE_END()
