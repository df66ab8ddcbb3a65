// The stock of one SKU: received, reserved for orders, shipped. Never below zero:
// received = on hand + reserved + shipped, at every version.
#pragma once

#include <annals/aggregate.hpp>

#include <cstdint>
#include <limits>
#include <map>
#include <set>
#include <string>

namespace shop {

using annals::field;

struct receive_stock {
  std::int64_t quantity = 0;
  std::string delivery;  // empty: by hand
  static constexpr auto about = annals::describe<&receive_stock::quantity, &receive_stock::delivery>("receive_stock", 1);
};
struct reserve_stock {
  std::string order;
  std::int64_t quantity = 0;
  static constexpr auto about = annals::describe<&reserve_stock::order, &reserve_stock::quantity>("reserve_stock", 1);
};
struct release_stock {
  std::string order;
  static constexpr auto about = annals::describe<&release_stock::order>("release_stock", 1);
};
struct ship_stock {
  std::string order;
  static constexpr auto about = annals::describe<&ship_stock::order>("ship_stock", 1);
};

struct stock_received {
  std::string sku;
  std::int64_t quantity = 0;
  std::string delivery;
  static constexpr auto about = annals::describe<&stock_received::sku, &stock_received::quantity, &stock_received::delivery>("stock_received", 1);
};
struct stock_reserved {
  std::string sku;
  std::string order;
  std::int64_t quantity = 0;
  static constexpr auto about = annals::describe<&stock_reserved::sku, &stock_reserved::order, &stock_reserved::quantity>("stock_reserved", 1);
};
/// With quantity 0 it is a tombstone: nothing was reserved for the order, and nothing will be.
struct stock_released {
  std::string sku;
  std::string order;
  std::int64_t quantity = 0;
  static constexpr auto about = annals::describe<&stock_released::sku, &stock_released::order, &stock_released::quantity>("stock_released", 1);
};
struct stock_shipped {
  std::string sku;
  std::string order;
  std::int64_t quantity = 0;
  static constexpr auto about = annals::describe<&stock_shipped::sku, &stock_shipped::order, &stock_shipped::quantity>("stock_shipped", 1);
};

struct inventory {
  static constexpr std::string_view category = "inventory";
  using commands = annals::types<receive_stock, reserve_stock, release_stock, ship_stock>;
  using events = annals::types<stock_received, stock_reserved, stock_released, stock_shipped>;

  struct state {
    std::int64_t on_hand = 0;
    std::map<std::string, std::int64_t> reserved;  // by order
    std::set<std::string> tombstones;              // orders released before they reserved: they cannot reserve any more
    std::int64_t received = 0;                     // in total
    static constexpr auto about = annals::describe<&state::on_hand, &state::reserved, &state::tombstones, &state::received>("state", 1);
  };
  using decision = annals::decision<inventory>;
  using context = annals::context;

  static decision decide(const state& s, const receive_stock& c, const context& about) {
    if (c.quantity <= 0) return annals::reject("bad_quantity");
    if (c.quantity > std::numeric_limits<std::int64_t>::max() - s.received) return annals::reject("too_much");
    return stock_received{std::string{about.key}, c.quantity, c.delivery};
  }

  static decision decide(const state& s, const reserve_stock& c, const context& about) {
    if (c.quantity <= 0) return annals::reject("bad_quantity");
    if (s.reserved.contains(c.order)) return annals::reject("already_reserved");
    if (s.tombstones.contains(c.order)) return annals::reject("order_cancelled");
    if (c.quantity > s.on_hand) return annals::reject("out_of_stock", std::string{about.key});
    return stock_reserved{std::string{about.key}, c.order, c.quantity};
  }

  static decision decide(const state& s, const release_stock& c, const context& about) {
    const auto found = s.reserved.find(c.order);
    return stock_released{std::string{about.key}, c.order, found == s.reserved.end() ? 0 : found->second};
  }

  static decision decide(const state& s, const ship_stock& c, const context& about) {
    const auto found = s.reserved.find(c.order);
    if (found == s.reserved.end()) return annals::reject("not_reserved");
    return stock_shipped{std::string{about.key}, c.order, found->second};
  }

  static void evolve(state& s, const stock_received& e) {
    s.on_hand += e.quantity;
    s.received += e.quantity;
  }
  static void evolve(state& s, const stock_reserved& e) {
    s.on_hand -= e.quantity;
    s.reserved.emplace(e.order, e.quantity);
  }
  static void evolve(state& s, const stock_released& e) {
    s.on_hand += e.quantity;
    if (s.reserved.erase(e.order) == 0) s.tombstones.insert(e.order);
  }
  static void evolve(state& s, const stock_shipped& e) { s.reserved.erase(e.order); }
};

}  // namespace shop
