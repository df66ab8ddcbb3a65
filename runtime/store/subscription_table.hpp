// What of a subscription cannot be derived, and so stands in the log's control table:
//
//   subscription/NAME            a described map: `low`, and the `runs` of what is settled above it
//   subscription/NAME/POSITION   a described parked_event; the position with 20 digits
//
// A name has no «/». Errors are undecodable, and name the key.
#pragma once

#include "store/log.hpp"

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
  static constexpr auto about =
      describe("annals.subscription", 1, field{"low", &subscription_entry::low}, field{"runs", &subscription_entry::runs});
};

std::string key_of_subscription(std::string_view name);
std::string key_of_parked(std::string_view subscription, position at);
error at_control_key(std::string_view key, const error& why);

/// Nothing when there is no subscription of this name.
result<std::optional<subscription_entry>> find_subscription(const log& from, std::string_view name);

/// Visits all there are, by name.
result<void> visit_subscriptions(const log& from, const std::function<void(std::string_view name, const subscription_entry&)>& visit);

/// What it has parked, in log order.
result<std::vector<parked_event>> parked_of_subscription(const log& from, std::string_view name);

}  // namespace annals::store
