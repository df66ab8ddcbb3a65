// The commands that print a read model, when an event of the log cannot be applied.
#include "support/temporary_directory.hpp"
#include "tools/read_models.hpp"

#include <annals/runtime.hpp>
#include <shop/order.hpp>

#include <boost/test/unit_test.hpp>

namespace {

struct ship {
  std::string order;
  static constexpr auto about = annals::describe<&ship::order>("ship", 1);
};

/// Orders that are shipped without having been placed.
struct stray_order {
  static constexpr std::string_view category = shop::order::category;
  using commands = annals::types<ship>;
  using events = annals::types<shop::order_shipped>;
  struct state {};
  static annals::decision<stray_order> decide(const state&, const ship& c, const annals::context&) { return shop::order_shipped{c.order}; }
  static void evolve(state&, const shop::order_shipped&) {}
};

}  // namespace

BOOST_AUTO_TEST_SUITE(printed_read_models)

BOOST_AUTO_TEST_CASE(a_report_that_is_not_whole_is_printed_and_fails) {
  const temporary_directory place;
  const auto store = place / "shop";
  for (const bool is_whole : {true, false}) {
    {
      auto rt = annals::runtime::open(store).value();
      rt.host<stray_order>().value();
      rt.start().value();
      if (!is_whole) rt.send<stray_order>("stray", ship{"stray"}).get().value();
    }
    for (const bool as_json : {true, false}) BOOST_TEST(tools::show_report(store, as_json) == (is_whole ? 0 : 1));
  }
}

BOOST_AUTO_TEST_SUITE_END()
