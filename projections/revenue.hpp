// Sales by day of the order and by country, and returns by day of the credit note. An order counts when it is shipped. A credit note
// names neither a price nor a country, so it counts units by day only.
#pragma once

#include <annals/projection.hpp>
#include <shop/date.hpp>
#include <shop/delivery.hpp>
#include <shop/order.hpp>

#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace projections {

struct sales {
  std::int64_t orders = 0;
  std::int64_t units = 0;
  std::int64_t revenue_cents = 0;
  static constexpr auto about = annals::describe<&sales::orders, &sales::units, &sales::revenue_cents>("sales", 1);
};
struct day_of_sales {
  std::string day;  // like 2010-12-01
  sales total;
  std::map<std::string, sales> by_country;
  std::int64_t credit_notes = 0;
  std::int64_t units_returned = 0;
  static constexpr auto about = annals::describe<&day_of_sales::day, &day_of_sales::total, &day_of_sales::by_country, &day_of_sales::credit_notes,
                                                 &day_of_sales::units_returned>("day_of_sales", 1);
};

/// The days of sales in order, between two days like 2010-12-01, both included. An empty bound is the first or the last day there is.
struct days_of_sales {
  std::string from;
  std::string to;
  static constexpr auto about = annals::describe<&days_of_sales::from, &days_of_sales::to>("days_of_sales", 1);
};
/// The sum over all days.
struct total_of_sales {
  static constexpr auto about = annals::describe("total_of_sales", 1);
};

struct revenue {
  static constexpr std::string_view name = "revenue";
  using follows = annals::types<shop::order, shop::delivery>;
  using queries = annals::types<days_of_sales, total_of_sales>;

  /// An order that may still be shipped.
  struct open_order {
    std::string country;
    std::int64_t units = 0;
    std::int64_t total_cents = 0;
    std::string day;
    static constexpr auto about =
        annals::describe<&open_order::country, &open_order::units, &open_order::total_cents, &open_order::day>("open_order", 1);
  };
  struct model {
    std::map<std::string, day_of_sales, std::less<>> days;
    std::map<std::string, open_order, std::less<>> open;
    static constexpr auto about = annals::describe<&model::days, &model::open>("revenue_model", 1);
  };

  static void apply(model& m, const shop::order_placed& e, const annals::record_view& r) {
    std::int64_t units = 0;
    for (const auto& line : e.lines) units += line.quantity;
    m.open.emplace(e.order, open_order{e.country, units, e.total_cents, shop::day_of(e.date, r.time)});
  }
  static void apply(model& m, const shop::order_shipped& e, const annals::record_view&) {
    const auto shipped = m.open.extract(e.order);
    if (shipped.empty()) throw std::out_of_range{"order " + e.order + " was not placed"};
    auto& day = on(m, shipped.mapped().day);
    for (auto* sum : {&day.total, &day.by_country[shipped.mapped().country]}) {
      ++sum->orders;
      sum->units += shipped.mapped().units;
      sum->revenue_cents += shipped.mapped().total_cents;
    }
  }
  static void apply(model& m, const shop::order_cancelled& e, const annals::record_view&) { m.open.erase(e.order); }
  static void apply(model& m, const shop::delivery_received& e, const annals::record_view& r) {
    if (e.kind != "credit_note") return;
    auto& day = on(m, shop::day_of(e.date, r.time));
    ++day.credit_notes;
    for (const auto& line : e.lines) day.units_returned += line.quantity;
  }

  static std::vector<day_of_sales> answer(const model& m, const days_of_sales& q) {
    std::vector<day_of_sales> list;
    for (auto i = m.days.lower_bound(q.from); i != m.days.end() && (q.to.empty() || i->first <= q.to); ++i) list.push_back(i->second);
    return list;
  }
  static sales answer(const model& m, const total_of_sales&) {
    sales sum;
    for (const auto& [name, day] : m.days) {
      sum.orders += day.total.orders;
      sum.units += day.total.units;
      sum.revenue_cents += day.total.revenue_cents;
    }
    return sum;
  }

private:
  static day_of_sales& on(model& m, const std::string& day) {
    auto& found = m.days[day];
    found.day = day;
    return found;
  }
};

}  // namespace projections
