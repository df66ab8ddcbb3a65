// All orders: by status, by customer, revenue by country.
#pragma once

#include <annals/projection.hpp>
#include <shop/delivery.hpp>
#include <shop/order.hpp>

#include <map>
#include <set>
#include <string>
#include <vector>

namespace projections {

struct order_entry {
  std::string status;  // placed, confirmed, shipped, cancelled
  std::string customer;
  std::string country;
  std::string reason;  // of a cancelled order
  std::int64_t units = 0;
  std::int64_t total_cents = 0;
  static constexpr auto about = annals::describe<&order_entry::status, &order_entry::customer, &order_entry::country, &order_entry::reason,
                                                 &order_entry::units, &order_entry::total_cents>("order_entry", 1);
};

struct board_totals {
  std::int64_t placed = 0;  // in total
  std::int64_t shipped = 0;
  std::int64_t cancelled = 0;
  std::map<std::string, std::int64_t> cancelled_by_reason;
  std::int64_t units_sold = 0;     // of shipped orders
  std::int64_t revenue_cents = 0;  // of shipped orders
  std::int64_t credit_notes = 0;
  std::int64_t units_returned = 0;
  std::int64_t deliveries_under_way = 0;

  std::int64_t open() const { return placed - shipped - cancelled; }

  static constexpr auto about =
      annals::describe<&board_totals::placed, &board_totals::shipped, &board_totals::cancelled, &board_totals::cancelled_by_reason,
                       &board_totals::units_sold, &board_totals::revenue_cents, &board_totals::credit_notes, &board_totals::units_returned,
                       &board_totals::deliveries_under_way>("board_totals", 1);
};

struct totals_of_board {
  static constexpr auto about = annals::describe("totals_of_board", 1);
};
struct one_order {
  std::string order;
  static constexpr auto about = annals::describe<&one_order::order>("one_order", 1);
};
struct orders_with_status {
  std::string status;
  std::uint32_t limit = 100;
  static constexpr auto about = annals::describe<&orders_with_status::status, &orders_with_status::limit>("orders_with_status", 1);
};
struct orders_of_customer {
  std::string customer;
  static constexpr auto about = annals::describe<&orders_of_customer::customer>("orders_of_customer", 1);
};
struct revenue_by_country {
  static constexpr auto about = annals::describe("revenue_by_country", 1);
};

struct order_board {
  static constexpr std::string_view name = "order_board";
  using follows = annals::types<shop::order, shop::delivery>;
  using queries = annals::types<totals_of_board, one_order, orders_with_status, orders_of_customer, revenue_by_country>;

  struct model {
    std::map<std::string, order_entry, std::less<>> orders;
    std::map<std::string, std::set<std::string>, std::less<>> by_status;
    std::map<std::string, std::vector<std::string>, std::less<>> by_customer;
    std::map<std::string, std::int64_t> revenue;  // by country, in cents
    board_totals totals;
    static constexpr auto about =
        annals::describe<&model::orders, &model::by_status, &model::by_customer, &model::revenue, &model::totals>("order_board_model", 1);
  };

  static void apply(model& m, const shop::order_placed& e, const annals::record_view&) {
    std::int64_t units = 0;
    for (const auto& line : e.lines) units += line.quantity;
    m.orders.emplace(e.order, order_entry{"placed", e.customer, e.country, {}, units, e.total_cents});
    m.by_status["placed"].insert(e.order);
    m.by_customer[e.customer].push_back(e.order);
    ++m.totals.placed;
  }
  static void apply(model& m, const shop::order_confirmed& e, const annals::record_view&) { move(m, e.order, "confirmed"); }
  static void apply(model& m, const shop::order_shipped& e, const annals::record_view&) {
    const auto& entry = move(m, e.order, "shipped");
    m.revenue[entry.country] += entry.total_cents;
    m.totals.revenue_cents += entry.total_cents;
    m.totals.units_sold += entry.units;
    ++m.totals.shipped;
  }
  static void apply(model& m, const shop::order_cancelled& e, const annals::record_view&) {
    move(m, e.order, "cancelled").reason = e.reason;
    ++m.totals.cancelled_by_reason[e.reason];
    ++m.totals.cancelled;
  }
  static void apply(model& m, const shop::delivery_received& e, const annals::record_view&) {
    ++m.totals.deliveries_under_way;
    if (e.kind != "credit_note") return;
    ++m.totals.credit_notes;
    for (const auto& line : e.lines) m.totals.units_returned += line.quantity;
  }
  static void apply(model& m, const shop::delivery_completed&, const annals::record_view&) { --m.totals.deliveries_under_way; }

  static board_totals answer(const model& m, const totals_of_board&) { return m.totals; }
  static std::optional<order_entry> answer(const model& m, const one_order& q) {
    const auto found = m.orders.find(q.order);
    if (found == m.orders.end()) return std::nullopt;
    return found->second;
  }
  static std::vector<std::string> answer(const model& m, const orders_with_status& q) {
    std::vector<std::string> list;
    const auto found = m.by_status.find(q.status);
    if (found == m.by_status.end()) return list;
    for (const auto& order : found->second) {
      if (list.size() >= q.limit) break;
      list.push_back(order);
    }
    return list;
  }
  static std::vector<std::string> answer(const model& m, const orders_of_customer& q) {
    const auto found = m.by_customer.find(q.customer);
    return found == m.by_customer.end() ? std::vector<std::string>{} : found->second;
  }
  static std::map<std::string, std::int64_t> answer(const model& m, const revenue_by_country&) { return m.revenue; }

private:
  static order_entry& move(model& m, const std::string& order, const std::string& status) {
    auto& entry = m.orders.find(order)->second;
    m.by_status[entry.status].erase(order);
    m.by_status[status].insert(order);
    entry.status = status;
    return entry;
  }
};

}  // namespace projections
