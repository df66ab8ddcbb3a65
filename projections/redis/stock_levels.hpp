// The stock of each SKU and in total, as a hash each: `level:SKU` and `total`. stock_levels.hpp has the same in memory.
#pragma once

#include <annals/projection.hpp>
#include <annals/redis_commands.hpp>
#include <shop/inventory.hpp>

#include <string>

namespace projections::redis {

struct stock_levels {
  static constexpr std::string_view name = "stock_levels";
  using follows = annals::types<shop::inventory>;
  using model = annals::redis::commands;
  static constexpr std::size_t partitions = 2;

  static void apply(model& to, const shop::stock_received& e, const annals::record_view&) {
    change(to, e.sku, "received", e.quantity);
    change(to, e.sku, "on_hand", e.quantity);
  }
  static void apply(model& to, const shop::stock_reserved& e, const annals::record_view&) { move(to, e.sku, e.quantity, "on_hand", "reserved"); }
  static void apply(model& to, const shop::stock_released& e, const annals::record_view&) { move(to, e.sku, e.quantity, "reserved", "on_hand"); }
  static void apply(model& to, const shop::stock_shipped& e, const annals::record_view&) { move(to, e.sku, e.quantity, "reserved", "shipped"); }

private:
  static void change(model& to, const std::string& sku, const char* what, std::int64_t by) {
    to.hincr_by("level:" + sku, what, by);
    to.hincr_by("total", what, by);
  }
  static void move(model& to, const std::string& sku, std::int64_t quantity, const char* from, const char* into) {
    change(to, sku, from, -quantity);
    change(to, sku, into, quantity);
  }
};

}  // namespace projections::redis
