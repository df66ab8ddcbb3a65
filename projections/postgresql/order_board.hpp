// The order board as tables: order_board.hpp has the same in memory. Sums are views, so that no two orders write to one row.
#pragma once

#include <annals/postgresql_statements.hpp>
#include <annals/projection.hpp>
#include <shop/delivery.hpp>
#include <shop/order.hpp>

#include <string>

namespace projections::postgresql {

struct order_board {
  static constexpr std::string_view name = "order_board";
  using follows = annals::types<shop::order, shop::delivery>;
  using model = annals::postgresql::statements;
  static constexpr std::size_t partitions = 2;

  static void schema(model& to) {
    to.sql(
        "create table orders (id text primary key, placed_at bigint not null, status text not null, customer text not null, country text not null, "
        "reason text not null default '', units bigint not null, total_cents bigint not null)");
    to.sql("create index on orders (status)");
    to.sql("create index on orders (customer, placed_at)");
    to.sql("create table deliveries (id text primary key, kind text not null, units bigint not null, under_way boolean not null)");
    to.sql(
        "create view totals as select count(*) as placed, count(*) filter (where status = 'shipped') as shipped, "
        "count(*) filter (where status = 'cancelled') as cancelled, "
        "coalesce(sum(units) filter (where status = 'shipped'), 0) as units_sold, "
        "coalesce(sum(total_cents) filter (where status = 'shipped'), 0) as revenue_cents from orders");
    to.sql(
        "create view delivery_totals as select count(*) filter (where under_way) as under_way, "
        "count(*) filter (where kind = 'credit_note') as credit_notes, "
        "coalesce(sum(units) filter (where kind = 'credit_note'), 0) as units_returned from deliveries");
    to.sql("create view cancelled_by_reason as select reason, count(*) as orders from orders where status = 'cancelled' group by reason");
    to.sql("create view revenue as select country, sum(total_cents) as cents from orders where status = 'shipped' group by country");
  }

  static void apply(model& to, const shop::order_placed& e, const annals::record_view& r) {
    to.sql("insert into orders (id, placed_at, status, customer, country, units, total_cents) values ($1, $2, 'placed', $3, $4, $5, $6)", e.order,
           r.at, e.customer, e.country, units_of(e.lines), e.total_cents);
  }
  static void apply(model& to, const shop::order_confirmed& e, const annals::record_view&) { move(to, e.order, "confirmed"); }
  static void apply(model& to, const shop::order_shipped& e, const annals::record_view&) { move(to, e.order, "shipped"); }
  static void apply(model& to, const shop::order_cancelled& e, const annals::record_view&) {
    to.one("update orders set status = 'cancelled', reason = $2 where id = $1", e.order, e.reason);
  }
  static void apply(model& to, const shop::delivery_received& e, const annals::record_view&) {
    to.sql("insert into deliveries values ($1, $2, $3, true)", e.delivery, e.kind, units_of(e.lines));
  }
  static void apply(model& to, const shop::delivery_completed& e, const annals::record_view&) {
    to.one("update deliveries set under_way = false where id = $1", e.delivery);
  }

private:
  template <class Lines>
  static std::int64_t units_of(const Lines& lines) {
    std::int64_t units = 0;
    for (const auto& line : lines) units += line.quantity;
    return units;
  }
  static void move(model& to, const std::string& order, const char* status) { to.one("update orders set status = $2 where id = $1", order, status); }
};

}  // namespace projections::postgresql
