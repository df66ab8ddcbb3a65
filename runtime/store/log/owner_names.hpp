// The names under which a store keeps what belongs to a projection, a process manager or a subscription: parked events,
// checkpoints, images (snapshots of read models), decisions. They are stored, so they must not change:
//
//   owner := name of a projection | 'process ' category of a process manager | 'subscription/' name of a subscription
//
// A projection's name may not begin with either prefix, so no two owners have the same name.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace annals::store {

inline constexpr std::string_view process_owner = "process ";
inline constexpr std::string_view subscription_owner = "subscription/";

inline std::string owner_of_process(std::string_view category) { return std::string{process_owner}.append(category); }
inline std::string owner_of_subscription(std::string_view name) { return std::string{subscription_owner}.append(name); }
/// The name that people use: without the prefix of a process manager's category.
inline std::string_view spoken_name(std::string_view owner) {
  if (owner.starts_with(process_owner)) owner.remove_prefix(process_owner.size());
  return owner;
}
/// The reserved prefix of a name that no projection may have; empty if a projection may have the name.
inline std::string_view reserved_beginning(std::string_view name) {
  for (const auto beginning : {process_owner, subscription_owner})
    if (name.starts_with(beginning)) return beginning;
  return {};
}

}  // namespace annals::store
