// Under which name a store has what belongs to a projection, a process manager or a subscription: parked events, checkpoints,
// images, decisions. Stored, so these stay:
//
//   owner := name of a projection | 'process ' category of a process manager | 'subscription/' name of a subscription
//
// No name of a projection begins as the others do, so no two owners have one name.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace annals::store {

inline constexpr std::string_view process_owner = "process ";
inline constexpr std::string_view subscription_owner = "subscription/";

inline std::string owner_of_process(std::string_view category) { return std::string{process_owner}.append(category); }
inline std::string owner_of_subscription(std::string_view name) { return std::string{subscription_owner}.append(name); }
/// How people call it: without what is before the category of a process manager.
inline std::string_view spoken_name(std::string_view owner) {
  if (owner.starts_with(process_owner)) owner.remove_prefix(process_owner.size());
  return owner;
}
/// What a name that is no projection's begins with; empty when it may be one's.
inline std::string_view reserved_beginning(std::string_view name) {
  for (const auto beginning : {process_owner, subscription_owner})
    if (name.starts_with(beginning)) return beginning;
  return {};
}

}  // namespace annals::store
