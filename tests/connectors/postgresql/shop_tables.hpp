// The shop's tables and its models in memory, as the same lines.
#pragma once

#include "connectors/postgresql/server.hpp"

#include <projections/order_board.hpp>
#include <projections/revenue.hpp>

#include <map>
#include <string>

namespace connectors {

inline std::string number(std::int64_t n) { return std::to_string(n); }

inline std::string orders_of(const projections::order_board::model& m) {
  std::string text;
  for (const auto& [id, o] : m.orders)
    text += id + "|" + o.status + "|" + o.customer + "|" + o.country + "|" + o.reason + "|" + number(o.units) + "|" + number(o.total_cents) + "\n";
  return text;
}
inline std::string totals_of(const projections::board_totals& t) {
  return number(t.placed) + "|" + number(t.shipped) + "|" + number(t.cancelled) + "|" + number(t.units_sold) + "|" + number(t.revenue_cents) + "\n" +
         number(t.deliveries_under_way) + "|" + number(t.credit_notes) + "|" + number(t.units_returned) + "\n";
}
inline std::string pairs_of(const std::map<std::string, std::int64_t>& all) {
  std::string text;
  for (const auto& [key, value] : all) text += key + "|" + number(value) + "\n";
  return text;
}
inline std::string sales_of(const projections::revenue::model& m) {
  std::string text;
  for (const auto& [day, one] : m.days)
    for (const auto& [country, s] : one.by_country)
      text += day + "|" + country + "|" + number(s.orders) + "|" + number(s.units) + "|" + number(s.revenue_cents) + "\n";
  return text;
}
inline std::string returns_of(const projections::revenue::model& m) {
  std::string text;
  for (const auto& [day, one] : m.days)
    if (one.credit_notes > 0) text += day + "|" + number(one.credit_notes) + "|" + number(one.units_returned) + "\n";
  return text;
}
inline std::string asked(const std::string& sql) { return postgresql_server::shared().ask(sql); }

/// Each case begins with nothing of the shop.
struct without_shop {
  without_shop() {
    for (const char* schema : {"order_board", "revenue"}) asked("drop schema if exists " + std::string{schema} + " cascade");
  }
};

inline const char* const orders_asked =
    "select id, status, customer, country, reason, units, total_cents from order_board.orders order by id collate \"C\"";
inline const char* const sales_asked = "select * from revenue.sales order by day, country collate \"C\"";
inline const char* const returns_asked = "select * from revenue.returns order by day";

}  // namespace connectors
