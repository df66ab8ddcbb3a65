// The shop's keys and its models in memory, as the same lines.
#pragma once

#include "connectors/redis/keys.hpp"

#include <projections/stock_levels.hpp>
#include <shop/inventory.hpp>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace connectors {

struct last_orders {
  static constexpr std::string_view name = "last_orders";
  using follows = annals::types<shop::inventory>;
  using queries = annals::types<>;
  using model = std::map<std::string, std::string>;
  static void apply(model& m, const shop::stock_shipped& e, const annals::record_view&) { m[e.sku] = e.order; }
};

inline std::string line_of(const projections::stock_level& level) {
  std::string text;
  for (const auto one : {level.received, level.on_hand, level.reserved, level.shipped}) text += std::to_string(one) + " ";
  return text + "\n";
}

/// A field that nothing has happened to is not there.
inline std::string level_in(const std::string& key) {
  auto fields = pairs_of(ask({"HGETALL", "{stock_levels}:" + key}));
  projections::stock_level level;
  level.received = std::atoll(fields["received"].c_str());
  level.on_hand = std::atoll(fields["on_hand"].c_str());
  level.reserved = std::atoll(fields["reserved"].c_str());
  level.shipped = std::atoll(fields["shipped"].c_str());
  return line_of(level);
}

inline std::string levels_in_redis(const projections::stock_levels::model& names) {
  auto text = "total " + level_in("total");
  for (const auto& [sku, level] : names.by_sku) text += sku + " " + level_in("level:" + sku);
  return text;
}
inline std::string levels_of(const projections::stock_levels::model& m) {
  auto text = "total " + line_of(m.total);
  for (const auto& [sku, level] : m.by_sku) text += sku + " " + line_of(level);
  return text;
}

/// As ZREVRANGE has it: by units, then by name, both from above.
inline std::string top_of(const projections::stock_levels::model& m) {
  std::vector<std::pair<std::int64_t, std::string>> list;
  for (const auto& [sku, level] : m.by_sku)
    if (level.shipped > 0) list.emplace_back(level.shipped, sku);
  std::sort(list.rbegin(), list.rend());
  std::string text;
  for (const auto& [units, sku] : list) text += sku + "\n" + std::to_string(units) + "\n";
  return text;
}

/// Whether the keys are those of these models, which are one for each sink because each has its own position.
inline std::string differences(const projections::stock_levels::model& levels, const projections::stock_levels::model& top,
                               const last_orders::model& last) {
  std::string text;
  if (levels_in_redis(levels) != levels_of(levels)) text += "levels ";
  const auto keys = ask({"KEYS", "{stock_levels}:level:*"});
  if (static_cast<std::size_t>(std::count(keys.begin(), keys.end(), '\n')) != levels.by_sku.size()) text += "keys ";
  if (ask({"ZREVRANGE", "{top_list}:shipped", "0", "-1", "WITHSCORES"}) != top_of(top)) text += "top ";
  if (std::atoll(ask({"GET", "{top_list}:units"}).c_str()) != top.total.shipped) text += "units ";
  if (pairs_of(ask({"HGETALL", "{top_list}:last"})) != last) text += "last ";
  return text;
}

}  // namespace connectors
