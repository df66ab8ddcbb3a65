// An order: placed with its lines, then confirmed and shipped, or cancelled with a reason.
#pragma once

#include <annals/aggregate.hpp>
#include <shop/date.hpp>

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace shop {

using annals::field;

struct order_line {
  std::string sku;
  std::int64_t quantity = 0;
  std::int64_t unit_price_cents = 0;
  static constexpr auto about = annals::describe<&order_line::sku, &order_line::quantity, &order_line::unit_price_cents>("order_line", 1);
};

struct place_order {
  std::string customer;
  std::string country;
  std::vector<order_line> lines;
  std::int64_t payment_limit_cents = 0;  // a payment above this is declined; 0: no limit
  std::string date = {};                 // see is_date(); empty: the time of recording
  static constexpr auto about =
      annals::describe<&place_order::customer, &place_order::country, &place_order::lines, &place_order::payment_limit_cents, &place_order::date>(
          "place_order", 1);
};
struct confirm_order {
  static constexpr auto about = annals::describe("confirm_order", 1);
};
struct cancel_order {
  std::string reason;
  static constexpr auto about = annals::describe<&cancel_order::reason>("cancel_order", 1);
};
struct ship_order {
  static constexpr auto about = annals::describe("ship_order", 1);
};

struct order_placed {
  std::string order;
  std::string customer;
  std::string country;
  std::vector<order_line> lines;
  std::int64_t payment_limit_cents = 0;
  std::int64_t total_cents = 0;
  std::string date = {};
  static constexpr auto about =
      annals::describe<&order_placed::order, &order_placed::customer, &order_placed::country, &order_placed::lines,
                       &order_placed::payment_limit_cents, &order_placed::total_cents, &order_placed::date>("order_placed", 1);
};
struct order_confirmed {
  std::string order;
  static constexpr auto about = annals::describe<&order_confirmed::order>("order_confirmed", 1);
};
struct order_cancelled {
  std::string order;
  std::string reason;
  static constexpr auto about = annals::describe<&order_cancelled::order, &order_cancelled::reason>("order_cancelled", 1);
};
struct order_shipped {
  std::string order;
  static constexpr auto about = annals::describe<&order_shipped::order>("order_shipped", 1);
};

struct order {
  static constexpr std::string_view category = "order";
  using commands = annals::types<place_order, confirm_order, cancel_order, ship_order>;
  using events = annals::types<order_placed, order_confirmed, order_cancelled, order_shipped>;

  /// The steps of a fulfilment, a few for each line, have to fit into one batch of a process manager.
  static constexpr std::size_t lines_max = 4'000;

  enum class phase : std::uint8_t { none, placed, confirmed, cancelled, shipped };
  friend constexpr auto labels_of(phase) { return std::to_array<std::string_view>({"none", "placed", "confirmed", "cancelled", "shipped"}); }
  struct state {
    phase now = phase::none;
    static constexpr auto about = annals::describe<&state::now>("state", 1);
  };
  using decision = annals::decision<order>;
  using context = annals::context;

  static decision decide(const state& s, const place_order& c, const context& about) {
    if (s.now != phase::none) return annals::reject("already_placed");
    if (c.lines.empty()) return annals::reject("no_lines");
    if (c.lines.size() > lines_max) return annals::reject("too_many_lines", std::to_string(c.lines.size()));
    if (!c.date.empty() && !is_date(c.date)) return annals::reject("bad_date", c.date);
    std::int64_t total = 0;
    std::int64_t units = 0;
    for (const auto& line : c.lines)
      if (auto no = wrong_line(line, total, units)) return *no;
    return order_placed{std::string{about.key}, c.customer, c.country, c.lines, c.payment_limit_cents, total, c.date};
  }

  static decision decide(const state& s, const confirm_order&, const context& about) {
    if (s.now != phase::placed) return annals::reject(not_now(s));
    return order_confirmed{std::string{about.key}};
  }

  // A confirmed order is about to be shipped: it cannot be cancelled any more.
  static decision decide(const state& s, const cancel_order& c, const context& about) {
    if (s.now != phase::placed) return annals::reject(not_now(s));
    return order_cancelled{std::string{about.key}, c.reason};
  }

  static decision decide(const state& s, const ship_order&, const context& about) {
    if (s.now != phase::confirmed) return annals::reject(s.now == phase::placed ? "not_confirmed" : not_now(s));
    return order_shipped{std::string{about.key}};
  }

  static void evolve(state& s, const order_placed&) { s.now = phase::placed; }
  static void evolve(state& s, const order_confirmed&) { s.now = phase::confirmed; }
  static void evolve(state& s, const order_cancelled&) { s.now = phase::cancelled; }
  static void evolve(state& s, const order_shipped&) { s.now = phase::shipped; }

private:
  static std::string not_now(const state& s) {
    switch (s.now) {
      case phase::none: return "not_placed";
      case phase::placed: return "already_placed";
      case phase::confirmed: return "already_confirmed";
      case phase::cancelled: return "already_cancelled";
      case phase::shipped: return "already_shipped";
    }
    return "not_placed";
  }

  static std::optional<annals::rejection> wrong_line(const order_line& line, std::int64_t& total, std::int64_t& units) {
    if (line.sku.empty()) return annals::reject("no_sku");
    if (line.quantity <= 0) return annals::reject("bad_quantity", line.sku);
    if (line.unit_price_cents < 0) return annals::reject("bad_price", line.sku);
    constexpr auto most = std::numeric_limits<std::int64_t>::max();
    if (line.unit_price_cents > 0 && line.quantity > (most - total) / line.unit_price_cents) return annals::reject("too_much", line.sku);
    // Free lines cost nothing, but sums of quantities by SKU must not overflow either.
    if (line.quantity > most - units) return annals::reject("too_much", line.sku);
    units += line.quantity;
    total += line.quantity * line.unit_price_cents;
    return std::nullopt;
  }
};

}  // namespace shop
