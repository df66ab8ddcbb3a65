// The stock of each SKU, and in total.
#pragma once

#include <annals/projection.hpp>
#include <shop/inventory.hpp>

#include <map>
#include <string>

namespace projections {

struct stock_level {
  std::int64_t received = 0;
  std::int64_t on_hand = 0;
  std::int64_t reserved = 0;
  std::int64_t shipped = 0;

  /// Whether everything received is on hand, reserved or shipped.
  bool adds_up() const { return received == on_hand + reserved + shipped && on_hand >= 0 && reserved >= 0 && shipped >= 0; }

  static constexpr auto about =
      annals::describe<&stock_level::received, &stock_level::on_hand, &stock_level::reserved, &stock_level::shipped>("stock_level", 1);
};

struct level_of {
  std::string sku;
  static constexpr auto about = annals::describe<&level_of::sku>("level_of", 1);
};
struct totals_of_stock {
  static constexpr auto about = annals::describe("totals_of_stock", 1);
};

struct stock_levels {
  static constexpr std::string_view name = "stock_levels";
  using follows = annals::types<shop::inventory>;
  using queries = annals::types<level_of, totals_of_stock>;

  struct model {
    std::map<std::string, stock_level, std::less<>> by_sku;
    stock_level total;
    static constexpr auto about = annals::describe<&model::by_sku, &model::total>("stock_levels_model", 1);
  };

  static void apply(model& m, const shop::stock_received& e, const annals::record_view&) { change(m, e.sku, {e.quantity, e.quantity, 0, 0}); }
  static void apply(model& m, const shop::stock_reserved& e, const annals::record_view&) { change(m, e.sku, {0, -e.quantity, e.quantity, 0}); }
  static void apply(model& m, const shop::stock_released& e, const annals::record_view&) { change(m, e.sku, {0, e.quantity, -e.quantity, 0}); }
  static void apply(model& m, const shop::stock_shipped& e, const annals::record_view&) { change(m, e.sku, {0, 0, -e.quantity, e.quantity}); }

  static stock_level answer(const model& m, const level_of& q) {
    const auto found = m.by_sku.find(q.sku);
    return found == m.by_sku.end() ? stock_level{} : found->second;
  }
  static stock_level answer(const model& m, const totals_of_stock&) { return m.total; }

private:
  static void change(model& m, const std::string& sku, const stock_level& by) {
    for (auto* level : {&m.by_sku[sku], &m.total}) {
      level->received += by.received;
      level->on_hand += by.on_hand;
      level->reserved += by.reserved;
      level->shipped += by.shipped;
    }
  }
};

}  // namespace projections
