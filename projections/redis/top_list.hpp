// The SKUs by units shipped, as the sorted set `shipped`: ZREVRANGE {top_list}:shipped 0 9 WITHSCORES has the ten first. The string `units` is
// their sum, and the hash `last` has the order that each was shipped for last.
#pragma once

#include <annals/projection.hpp>
#include <annals/redis_commands.hpp>
#include <shop/inventory.hpp>

namespace projections::redis {

struct top_list {
  static constexpr std::string_view name = "top_list";
  using follows = annals::types<shop::inventory>;
  using model = annals::redis::commands;

  static void apply(model& to, const shop::stock_shipped& e, const annals::record_view&) {
    to.zincr_by("shipped", e.sku, static_cast<double>(e.quantity));
    to.incr_by("units", e.quantity);
    to.hset("last", e.sku, e.order);
  }
};

}  // namespace projections::redis
