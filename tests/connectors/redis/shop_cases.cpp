#include "connectors/redis/shop_keys.hpp"
#include "connectors/support/gated.hpp"
#include "connectors/support/small_shop.hpp"

#include <projections/redis/stock_levels.hpp>
#include <projections/redis/top_list.hpp>

#include <boost/test/unit_test.hpp>

using namespace connectors;

BOOST_FIXTURE_TEST_SUITE(keys_of_the_shop, emptied)

BOOST_AUTO_TEST_CASE(equal_the_models_in_memory_at_every_position) {
  small_shop shop;
  const auto head = shop.run();
  gated gate{shop.rt(), 0};
  auto stock = begin<projections::redis::stock_levels>(gate.source());
  auto top = begin<projections::redis::top_list>(gate.source());
  projections::stock_levels::model expected;
  last_orders::model last;
  BOOST_TEST(head.at > 100u);
  for (annals::position at = 1; at <= head.at; ++at) {
    gate.open_to(at);
    reach(stock, {head.history, at}).value();
    reach(top, {head.history, at}).value();
    shop.rt()
        .log(at, 1,
             [&](const annals::record_view& r) {
               annals::detail::apply_record<projections::stock_levels>(expected, r).value();
               annals::detail::apply_record<last_orders>(last, r).value();
               return true;
             })
        .value();
    BOOST_TEST_CONTEXT("at position " << at) { BOOST_REQUIRE(differences(expected, expected, last) == ""); }
  }
  BOOST_TEST(expected.by_sku.size() > 1u);
  BOOST_TEST(expected.total.shipped > 0);
  BOOST_TEST(expected.total.reserved == 0);
}

BOOST_AUTO_TEST_SUITE_END()
