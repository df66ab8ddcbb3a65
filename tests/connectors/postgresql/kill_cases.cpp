#include "connectors/postgresql/shop_tables.hpp"
#include "connectors/support/lives.hpp"
#include "connectors/support/running_shop.hpp"

#include <annals/postgresql.hpp>
#include <projections/postgresql/order_board.hpp>
#include <projections/postgresql/revenue.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <sstream>

using namespace connectors;

BOOST_FIXTURE_TEST_SUITE(tables_after_kill_9, without_shop)

namespace {

std::vector<annals::position> slots_of(const std::string& schema) {
  std::istringstream lines{asked("select position from " + schema + ".annals_slots order by slot")};
  std::vector<annals::position> found;
  for (std::string line; std::getline(lines, line);) found.push_back(std::stoull(line));
  return found;
}

bool are_there() {
  return asked(
             "select count(*) from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname in ('order_board', 'revenue') and "
             "c.relname = 'annals_slots'") == "2\n";
}

annals::position lowest() {
  annals::position found = are_there() ? ~annals::position{0} : 0;
  if (found > 0)
    for (const char* schema : {"order_board", "revenue"})
      for (const auto at : slots_of(schema)) found = std::min(found, at);
  return found;
}

std::string clients() { return asked("select count(*) from pg_stat_activity where application_name = 'annals'"); }

void compare(const annals::runtime& rt) {
  if (!are_there()) return;
  const auto board = folded<projections::order_board>(rt, slots_of("order_board"));
  const auto revenue = folded<projections::revenue>(rt, slots_of("revenue"));
  BOOST_REQUIRE(asked(orders_asked) == orders_of(board));
  BOOST_REQUIRE(asked(sales_asked) == sales_of(revenue));
  BOOST_REQUIRE(asked(returns_asked) == returns_of(revenue));
}

}  // namespace

BOOST_AUTO_TEST_CASE(are_what_the_log_says_up_to_their_position) {
  running_shop shop;
  int looks = 0;
  live_and_die(
      {TABLES_LIFE, shop.store().string(), postgresql_server::shared().connection()}, [] { return clients() != "0\n"; },
      [&] {
        const auto at = lowest();
        shop.allow(at + 1'000);
        return at;
      },
      [] { return clients() == "0\n"; },
      [&] {
        ++looks;
        BOOST_TEST_CONTEXT("after life " << looks << " at " << lowest()) { compare(shop.rt()); }
      });
  const auto last = shop.close_the_doors();
  const annals::postgresql::options with{.connection = postgresql_server::shared().connection()};
  auto board = annals::postgresql::projection::start<projections::postgresql::order_board>(shop.rt(), with).value();
  auto revenue = annals::postgresql::projection::start<projections::postgresql::revenue>(shop.rt(), with).value();
  board.wait_for(last, std::chrono::minutes{4}).value();
  revenue.wait_for(last, std::chrono::minutes{4}).value();
  BOOST_TEST(lowest() == last.at);
  compare(shop.rt());
  BOOST_TEST(board.status().parked == 0u);
  BOOST_TEST(asked("select count(*) > 100 from order_board.orders") == "t\n");
}

BOOST_AUTO_TEST_SUITE_END()
