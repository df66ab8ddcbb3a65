// The statement and the revenue, and that every read model survives being stored.
#include "projections/balances.hpp"
#include "projections/order_board.hpp"
#include "projections/revenue.hpp"
#include "projections/statement.hpp"
#include "projections/stock_levels.hpp"

#include <annals/testing.hpp>

#include <boost/test/unit_test.hpp>

using namespace projections;

namespace {

constexpr annals::timestamp day = 24LL * 3600 * 1'000'000;
constexpr annals::timestamp first_of_december = 14'944 * day;  // 2010-12-01

template <class P>
annals::projected<P> bank_of_two() {
  using bank::account;
  auto p = annals::project<P>();
  p.template event<account>("a", bank::account_opened{"Ada"}).template event<account>("b", bank::account_opened{"Bob"});
  p.at_time(7'000'000).template event<account>("a", bank::money_deposited{70, {}});
  p.template event<account>("a", bank::money_withdrawn{50, "t1"});
  p.template event<account>("b", bank::money_deposited{50, "t1"});
  p.template event<account>("a", bank::money_given_back{5, "t2"});
  p.template event<account>("a", bank::money_withdrawn{25, {}}).template event<account>("a", bank::account_closed{});
  return p;
}

shop::order_placed placed(std::string order, std::string country, std::int64_t units, std::int64_t price, std::string date = {}) {
  return {std::move(order), "c1", std::move(country), {{"x", units, price}}, 0, units * price, std::move(date)};
}

/// Orders of two days, one cancelled, one still open; a credit note on the second day.
template <class P>
annals::projected<P> shop_of_two_days() {
  using shop::order;
  auto p = annals::project<P>();
  p.at_time(first_of_december + 5).template event<order>("1", placed("1", "France", 2, 100));
  p.template event<order>("2", placed("2", "Norway", 1, 250)).template event<order>("3", placed("3", "France", 9, 9));
  p.template event<order>("4", placed("4", "France", 3, 11, "2010-12-02T09:00")).template event<order>("5", placed("5", "France", 1, 1));
  p.template event<order>("3", shop::order_cancelled{"3", "late"});
  p.at_time(first_of_december + day - 1).template event<order>("1", shop::order_confirmed{"1"});
  for (const char* shipped : {"1", "2"}) p.template event<order>(shipped, shop::order_shipped{shipped});
  p.at_time(first_of_december + 9 * day).template event<order>("4", shop::order_shipped{"4"});
  p.template event<shop::delivery>("d1", shop::delivery_received{"d1", "credit_note", {{"x", 2}, {"y", 3}}, "2010-12-02"});
  p.template event<shop::delivery>("d2", shop::delivery_received{"d2", "initial_stock", {{"x", 100}}});
  return p;
}

/// The model's bytes read back give the same bytes, in the shape that this program has.
template <class P>
void survives(const annals::projected<P>& p) {
  using model = typename P::model;
  const auto bytes = annals::encoded(p.model());
  const auto again = annals::decoded<model>(bytes);
  BOOST_TEST_REQUIRE(again.has_value(), P::name << ": " << (again ? "" : again.error().message()));
  BOOST_TEST(annals::encoded(*again) == bytes, P::name);
  BOOST_TEST(bytes.size() > annals::encoded(model{}).size() + 20, P::name);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(statements)

BOOST_AUTO_TEST_CASE(every_movement_has_the_balance_behind_it) {
  const auto found = bank_of_two<statement>().ask(statement_of{"a"});
  BOOST_TEST_REQUIRE(found.has_value());
  BOOST_TEST(found->owner == "Ada");
  BOOST_TEST(!found->open);
  BOOST_TEST(found->balance_cents == 0);
  std::string lines;
  for (const auto& m : found->movements)
    lines += std::to_string(m.version) + "@" + std::to_string(m.at) + " " + m.kind + " " + std::to_string(m.cents) + " " +
             std::to_string(m.balance_cents) + " " + m.transfer + "\n";
  BOOST_TEST(lines ==
             "1@1 opened 0 0 \n2@3 deposited 70 70 \n3@4 withdrawn -50 20 t1\n4@6 given_back 5 25 t2\n"
             "5@7 withdrawn -25 0 \n6@8 closed 0 0 \n");
  BOOST_TEST(found->movements[0].time == 0);
  BOOST_TEST(found->movements[1].time == 7'000'000);
  BOOST_TEST(bank_of_two<statement>().ask(statement_of{"b"})->open);
}

BOOST_AUTO_TEST_CASE(a_part_is_asked_for_by_version_and_number) {
  const auto p = bank_of_two<statement>();
  const auto versions = [&](annals::version from, std::uint32_t limit) {
    const auto part = p.ask(statement_of{"a", from, limit});
    std::vector<annals::version> seen;
    for (const auto& m : part->movements) seen.push_back(m.version);
    return seen;
  };
  BOOST_TEST(versions(2, 2) == (std::vector<annals::version>{2, 3}), boost::test_tools::per_element());
  BOOST_TEST(versions(5, 100) == (std::vector<annals::version>{5, 6}), boost::test_tools::per_element());
  BOOST_TEST(versions(7, 100).empty());
  BOOST_TEST(versions(1, 0).empty());
  BOOST_TEST(!p.ask(statement_of{"nobody"}).has_value());
}

BOOST_AUTO_TEST_CASE(it_says_who_and_as_part_of_what) {
  statement::model m;
  annals::record_view r;
  r.stream = "account-a-b";
  r.correlation = "request-7";
  r.principal = "teller-3";
  statement::apply(m, bank::money_deposited{5, {}}, r);
  const auto& line = m.accounts.at("a-b").movements.at(0);
  BOOST_TEST(line.correlation == "request-7");
  BOOST_TEST(line.principal == "teller-3");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(revenues)

BOOST_AUTO_TEST_CASE(case_85_what_is_shipped_counts_on_the_day_of_its_order_and_for_its_country) {
  const auto p = shop_of_two_days<revenue>();
  const auto days = p.ask(days_of_sales{});
  BOOST_TEST_REQUIRE(days.size() == 2u);
  BOOST_TEST(days[0].day == "2010-12-01");
  BOOST_TEST(annals::same(days[0].total, sales{2, 3, 450}));
  BOOST_TEST_REQUIRE(days[0].by_country.size() == 2u);
  BOOST_TEST(annals::same(days[0].by_country.at("France"), sales{1, 2, 200}));
  BOOST_TEST(annals::same(days[0].by_country.at("Norway"), sales{1, 1, 250}));
  BOOST_TEST(days[0].credit_notes == 0);
  BOOST_TEST(days[1].day == "2010-12-02");
  BOOST_TEST(annals::same(days[1].total, sales{1, 3, 33}));
  BOOST_TEST(days[1].credit_notes == 1);
  BOOST_TEST(days[1].units_returned == 5);
  BOOST_TEST(annals::same(p.ask(total_of_sales{}), sales{3, 6, 483}));
  BOOST_TEST(p.model().open.size() == 1u);  // the fifth
}

BOOST_AUTO_TEST_CASE(case_85_without_a_date_it_is_the_day_of_recording) {
  auto p = annals::project<revenue>();
  p.at_time(first_of_december).event<shop::order>("1", placed("1", "France", 2, 100));
  p.at_time(first_of_december + 3 * day).event<shop::order>("1", shop::order_shipped{"1"});
  p.event<shop::delivery>("d", shop::delivery_received{"d", "credit_note", {{"x", 2}}});
  const auto days = p.ask(days_of_sales{});
  BOOST_TEST_REQUIRE(days.size() == 2u);
  BOOST_TEST(days[0].day == "2010-12-01");
  BOOST_TEST(days[0].total.orders == 1);
  BOOST_TEST(days[1].day == "2010-12-04");
  BOOST_TEST(days[1].units_returned == 2);
}

BOOST_AUTO_TEST_CASE(days_are_asked_for_by_their_dates) {
  const auto p = shop_of_two_days<revenue>();
  const auto count = [&](std::string from, std::string to) { return p.ask(days_of_sales{std::move(from), std::move(to)}).size(); };
  BOOST_TEST(count("2010-12-02", "") == 1u);
  BOOST_TEST(count("", "2010-12-01") == 1u);
  BOOST_TEST(count("2010-12-01", "2010-12-02") == 2u);
  BOOST_TEST(count("2010-12-03", "") == 0u);
}

BOOST_AUTO_TEST_CASE(an_order_that_was_never_placed_cannot_be_shipped) {
  auto p = annals::project<revenue>();
  BOOST_CHECK_THROW(p.event<shop::order>("1", shop::order_shipped{"1"}), annals::expectation_failed);
}

BOOST_AUTO_TEST_CASE(it_agrees_with_the_board) {
  const auto board = shop_of_two_days<order_board>().ask(totals_of_board{});
  const auto p = shop_of_two_days<revenue>();
  BOOST_TEST(annals::same(p.ask(total_of_sales{}), sales{board.shipped, board.units_sold, board.revenue_cents}));
  BOOST_TEST(p.ask(days_of_sales{}).back().units_returned == board.units_returned);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(models)

BOOST_AUTO_TEST_CASE(each_survives_being_stored) {
  survives(bank_of_two<balances>());
  survives(bank_of_two<statement>());
  survives(shop_of_two_days<revenue>());
  survives(shop_of_two_days<order_board>());
  auto stock = annals::project<stock_levels>();
  stock.event<shop::inventory>("x", shop::stock_received{"x", 5, "d1"}).event<shop::inventory>("x", shop::stock_reserved{"x", "o1", 2});
  survives(stock);
}

BOOST_AUTO_TEST_SUITE_END()
