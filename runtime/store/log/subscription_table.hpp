// The state of a subscription that cannot be derived, and so is in the log's control table:
//
//   subscription/NAME            a described map: `low`, and the `runs` of settled positions above it
//   subscription/NAME/POSITION   a described parked_event; the position with 20 digits
//
// A name contains no "/". A value that does not decode is an error that names the key.
#pragma once

#include "store/log/log.hpp"

#include <annals/describe.hpp>
#include <annals/parked.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace annals::store {

struct subscription_entry {
  position low = 0;
  std::vector<std::uint64_t> runs;
  static constexpr auto about = describe<&subscription_entry::low, &subscription_entry::runs>("annals.subscription", 1);
};

std::string key_of_subscription(std::string_view name);
std::string key_of_parked(std::string_view subscription, position at);
error at_control_key(std::string_view key, const error& why);

/// Empty if there is no subscription of this name.
result<std::optional<subscription_entry>> find_subscription(const log& from, std::string_view name);

struct stored_subscription {
  std::string name;
  subscription_entry entry;
  std::size_t parked = 0;
};
/// Sorted by name.
result<std::vector<stored_subscription>> all_subscriptions(const log& from);

/// Visits the subscription's parked events in log order, up to the first one that does not decode, in one transaction.
result<void> visit_parked(const log& from, std::string_view subscription, const std::function<void(parked_event&&)>& visit);

}  // namespace annals::store
