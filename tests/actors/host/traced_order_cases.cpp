// The trace of one order of the shop: the spans of everything that follows from it.
#include "support/traced.hpp"

#include <annals/detail/process_table.hpp>
#include <boost/test/unit_test.hpp>
#include <projections/order_board.hpp>
#include <projections/stock_levels.hpp>
#include <shop/fulfilment.hpp>

using namespace annals;
using namespace traced;

namespace {

void host_shop(detail::engine& e) {
  e.add(detail::table_of_aggregate<shop::order>()).value();
  e.add(detail::table_of_aggregate<shop::inventory>()).value();
  e.add(detail::table_of_aggregate<shop::payment>()).value();
  e.add(detail::table_of_process<shop::fulfilment>()).value();
  e.add(detail::table_of_projection<projections::order_board>()).value();
  e.add(detail::table_of_projection<projections::stock_levels>()).value();
}

std::vector<std::string> below(const std::string& path, std::vector<std::string> names) {
  for (auto& one : names) one = path + "/" + one;
  return names;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(traces_of_orders)

BOOST_AUTO_TEST_CASE(one_order_is_one_trace_across_four_kinds_of_streams) {
  memory_store store;
  virtual_engine e{store, true, host_shop, options_for()};
  send<shop::inventory>(e, "lamp", shop::receive_stock{10, {}});
  BOOST_TEST(spans_of(e).all.empty());
  send<shop::order>(e, "7", shop::place_order{"Ada", "NO", {{"lamp", 2, 1'000}}}, {.trace = sampled});
  for (int i = 0; i < 20; ++i) e.settle();
  const auto seen = spans_of(e);
  seen.check_each();

  std::vector<std::string> expected;
  const auto expect = [&](const std::string& path, std::vector<std::string> names) {
    for (auto& one : below(path, std::move(names))) expected.push_back(std::move(one));
  };
  std::string at = "send place_order";
  expected.push_back(at);
  expect(at, {"load order", "decide place_order", "commit", "apply order_board", "observe fulfilment"});
  at += "/observe fulfilment";
  expect(at, {"load fulfilment", "commit", "send reserve_stock"});
  at += "/send reserve_stock";
  expect(at, {"decide reserve_stock", "commit", "apply stock_levels", "observe fulfilment"});
  at += "/observe fulfilment";
  expect(at, {"commit", "send authorize_payment"});
  at += "/send authorize_payment";
  expect(at, {"load payment", "decide authorize_payment", "commit", "observe fulfilment"});
  at += "/observe fulfilment";
  expect(at, {"commit", "send capture_payment"});
  at += "/send capture_payment";
  expect(at, {"decide capture_payment", "commit", "observe fulfilment"});
  at += "/observe fulfilment";
  expect(at, {"commit", "send confirm_order"});
  at += "/send confirm_order";
  expect(at, {"decide confirm_order", "commit", "apply order_board", "observe fulfilment"});
  at += "/observe fulfilment";
  expect(at, {"commit", "send ship_stock", "send ship_order"});
  expect(at + "/send ship_stock", {"decide ship_stock", "commit", "apply stock_levels"});
  expect(at + "/send ship_order", {"decide ship_order", "commit", "apply order_board"});
  std::sort(expected.begin(), expected.end());
  const auto paths = seen.paths();
  BOOST_TEST(paths == expected, boost::test_tools::per_element());

  for (const auto& one : seen.all) {
    BOOST_TEST(to_string(one.id).substr(3, 32) == trace);
    BOOST_TEST((one.outcome.empty() || one.outcome == "accepted"), one.name << " is " << one.outcome);
    BOOST_TEST(!one.has_failed);
    if (one.kind == span_kind::consumer) BOOST_TEST((one.link.span_id == one.parent), one.name);
    BOOST_TEST((one.kind == span_kind::producer) == one.name.starts_with("send "));
    BOOST_TEST((one.kind == span_kind::consumer) == (one.name.starts_with("apply ") || one.name.starts_with("observe ")));
  }
  const auto& placed = seen.the("send place_order");
  BOOST_TEST(to_string({placed.id.trace_id, placed.parent, true}) == sampled);
  BOOST_TEST(placed.stream == "order-7");
  BOOST_TEST(placed.category == "order");
  BOOST_TEST(placed.version == 1u);
  BOOST_TEST(placed.at == 2u);
}

BOOST_AUTO_TEST_SUITE_END()
