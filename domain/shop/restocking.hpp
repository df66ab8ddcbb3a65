// The process manager that puts a delivery into stock: one command for each SKU, then the delivery is complete.
#pragma once

#include <annals/process.hpp>
#include <shop/delivery.hpp>
#include <shop/inventory.hpp>

#include <map>
#include <optional>
#include <string>

namespace shop {

struct restocking_started {
  std::int64_t remaining = 0;  // distinct SKUs
  static constexpr auto about = annals::describe<&restocking_started::remaining>("restocking_started", 1);
};
struct sku_restocked {
  static constexpr auto about = annals::describe("sku_restocked", 1);
};

struct restocking {
  static constexpr std::string_view category = "restocking";
  using observes = annals::types<delivery, inventory>;
  using events = annals::types<restocking_started, sku_restocked>;

  struct state {
    std::int64_t remaining = 0;
    static constexpr auto about = annals::describe<&state::remaining>("state", 1);
  };
  using steps = annals::steps<restocking>;

  static std::optional<std::string> key(const delivery_received& e) { return e.delivery; }
  static std::optional<std::string> key(const stock_received& e) {
    if (e.delivery.empty()) return std::nullopt;
    return e.delivery;
  }

  static steps on(const state&, const delivery_received& e, const annals::context&) {
    std::map<std::string, std::int64_t> by_sku;
    for (const auto& line : e.lines) by_sku[line.sku] += line.quantity;
    steps next{restocking_started{static_cast<std::int64_t>(by_sku.size())}};
    for (const auto& [sku, quantity] : by_sku) next.add(annals::send<inventory>(sku, receive_stock{quantity, e.delivery}));
    return next;
  }

  static steps on(const state& s, const stock_received& e, const annals::context&) {
    if (s.remaining == 0) return {};  // an unknown delivery, or one that is complete
    steps next{sku_restocked{}};
    if (s.remaining == 1) next.add(annals::send<delivery>(e.delivery, complete_delivery{}));
    return next;
  }

  static void evolve(state& s, const restocking_started& e) { s.remaining = e.remaining; }
  static void evolve(state& s, const sku_restocked&) { --s.remaining; }
};

}  // namespace shop
