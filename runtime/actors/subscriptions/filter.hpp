// What subscription options mean: whether two members ask for the same, and which records they want.
#pragma once

#include <annals/record.hpp>
#include <annals/subscription.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace annals::actors {

/// Compares everything except `reset`.
inline bool same(const subscription_options& a, const subscription_options& b) {
  const auto all = [](const subscription_options& o) {
    return std::tie(o.from, o.categories, o.types, o.in_flight_max, o.open_max, o.ack_time_out, o.failure.attempts, o.failure.first_pause,
                    o.failure.then, o.parked_max);
  };
  return all(a) == all(b);
}

inline bool is_one_of(const std::vector<std::string>& list, std::string_view name) {
  return list.empty() || std::find(list.begin(), list.end(), name) != list.end();
}

inline bool is_wanted(const subscription_options& by, const record_view& record) {
  return is_one_of(by.categories, record.category()) && is_one_of(by.types, record.type);
}

}  // namespace annals::actors
