#include "connectors/postgresql/shop_tables.hpp"
#include "connectors/support/counting.hpp"
#include "connectors/support/gated.hpp"
#include "connectors/support/small_shop.hpp"

#include <annals/postgresql.hpp>
#include <projections/postgresql/order_board.hpp>
#include <projections/postgresql/revenue.hpp>

#include <boost/test/unit_test.hpp>

using namespace connectors;

BOOST_FIXTURE_TEST_SUITE(tables_of_the_shop, without_shop)

BOOST_AUTO_TEST_CASE(equal_the_models_in_memory_at_every_position) {
  small_shop shop;
  const auto head = shop.run();
  gated gate{shop.rt(), 0};
  const annals::postgresql::options with{.connection = postgresql_server::shared().connection()};
  auto board = annals::postgresql::projection::start<projections::postgresql::order_board>(gate.source(), with).value();
  auto revenue = annals::postgresql::projection::start<projections::postgresql::revenue>(gate.source(), with).value();
  projections::order_board::model expected_board;
  projections::revenue::model expected_revenue;
  BOOST_TEST(head.at > 100u);
  for (annals::position at = 1; at <= head.at; ++at) {
    gate.open_to(at);
    reach(board, {head.history, at}).value();
    reach(revenue, {head.history, at}).value();
    shop.rt()
        .log(at, 1,
             [&](const annals::record_view& r) {
               annals::detail::apply_record<projections::order_board>(expected_board, r).value();
               annals::detail::apply_record<projections::revenue>(expected_revenue, r).value();
               return true;
             })
        .value();
    BOOST_TEST_CONTEXT("at position " << at) {
      BOOST_REQUIRE(asked(orders_asked) == orders_of(expected_board));
      BOOST_REQUIRE(asked("select * from order_board.totals") + asked("select * from order_board.delivery_totals") ==
                    totals_of(expected_board.totals));
      BOOST_REQUIRE(asked("select * from order_board.cancelled_by_reason order by reason collate \"C\"") ==
                    pairs_of(expected_board.totals.cancelled_by_reason));
      BOOST_REQUIRE(asked("select * from order_board.revenue order by country collate \"C\"") == pairs_of(expected_board.revenue));
      BOOST_REQUIRE(asked(sales_asked) == sales_of(expected_revenue));
      BOOST_REQUIRE(asked(returns_asked) == returns_of(expected_revenue));
    }
  }
  BOOST_TEST(expected_board.totals.shipped > 0);
  BOOST_TEST(expected_board.totals.cancelled > 0);
  BOOST_TEST(expected_board.totals.credit_notes > 0);
}

BOOST_AUTO_TEST_SUITE_END()
