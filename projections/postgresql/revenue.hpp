// Sales by day and country as tables: revenue.hpp has the same in memory.
#pragma once

#include <annals/postgresql_statements.hpp>
#include <annals/projection.hpp>
#include <shop/date.hpp>
#include <shop/delivery.hpp>
#include <shop/order.hpp>

namespace projections::postgresql {

struct revenue {
  static constexpr std::string_view name = "revenue";
  using follows = annals::types<shop::order, shop::delivery>;
  using model = annals::postgresql::statements;

  static void schema(model& to) {
    to.sql(
        "create table open_orders (id text primary key, day text not null, country text not null, units bigint not null, "
        "total_cents bigint not null)");
    to.sql(
        "create table sales (day text, country text, orders bigint not null, units bigint not null, revenue_cents bigint not null, "
        "primary key (day, country))");
    to.sql("create table returns (day text primary key, credit_notes bigint not null, units bigint not null)");
  }

  static void apply(model& to, const shop::order_placed& e, const annals::record_view& r) {
    std::int64_t units = 0;
    for (const auto& line : e.lines) units += line.quantity;
    to.sql("insert into open_orders values ($1, $2, $3, $4, $5)", e.order, shop::day_of(e.date, r.time), e.country, units, e.total_cents);
  }
  /// Fails if the order was not placed.
  static void apply(model& to, const shop::order_shipped& e, const annals::record_view&) {
    to.one(
        "with shipped as (delete from open_orders where id = $1 returning *) insert into sales select day, country, 1, units, total_cents "
        "from shipped on conflict (day, country) do update set orders = sales.orders + 1, units = sales.units + excluded.units, "
        "revenue_cents = sales.revenue_cents + excluded.revenue_cents",
        e.order);
  }
  static void apply(model& to, const shop::order_cancelled& e, const annals::record_view&) {
    to.sql("delete from open_orders where id = $1", e.order);
  }
  static void apply(model& to, const shop::delivery_received& e, const annals::record_view& r) {
    if (e.kind != "credit_note") return;
    std::int64_t units = 0;
    for (const auto& line : e.lines) units += line.quantity;
    to.sql(
        "insert into returns values ($1, 1, $2) on conflict (day) do update set credit_notes = returns.credit_notes + 1, "
        "units = returns.units + excluded.units",
        shop::day_of(e.date, r.time), units);
  }
};

}  // namespace projections::postgresql
