// The names under which a store keeps what belongs to a projection, a process manager or a subscription: parked events,
// checkpoints, images (snapshots of read models), decisions. They are stored, so they must not change:
//
//   owner      := name of a projection | 'process ' category of a process manager | 'subscription/' name of a subscription
//   checkpoint := 'projection ' name of a projection | 'process ' category of a process manager
//
// A projection's name may not begin with either prefix of an owner, so no two owners have the same name.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace annals::store {

/// A position with leading zeros, so that keys of the control table are in its order.
inline constexpr std::size_t position_digits = 20;
inline std::string padded(std::uint64_t at) {
  auto number = std::to_string(at);
  return number.insert(0, position_digits - number.size(), '0');
}

class owner_name {
public:
  static owner_name of_projection(std::string_view name) { return {"", "projection ", name}; }
  static owner_name of_process(std::string_view category) { return {process_prefix, "process manager ", category}; }
  static owner_name of_subscription(std::string_view name) { return {subscription_prefix, "subscription ", name}; }

  const std::string& stored() const { return stored_; }
  /// The name that hosts use: without a prefix.
  std::string_view plain() const { return std::string_view{stored_}.substr(prefix_bytes_); }
  /// For reports and log lines, as in "process manager orders".
  std::string described() const { return std::string{kind_}.append(plain()); }
  /// The name of its checkpoint. Subscriptions have none: theirs is in the control table.
  std::string checkpoint() const { return prefix_bytes_ > 0 ? stored_ : described(); }

  /// A stored name as people use it: without the prefix of a process manager.
  static std::string_view spoken(std::string_view stored) {
    if (stored.starts_with(process_prefix)) stored.remove_prefix(process_prefix.size());
    return stored;
  }
  /// The reserved prefix of a name that no projection may have; empty if a projection may have the name.
  static std::string_view reserved_prefix_of(std::string_view name) {
    for (const auto prefix : {process_prefix, subscription_prefix})
      if (name.starts_with(prefix)) return prefix;
    return {};
  }

private:
  static constexpr std::string_view process_prefix = "process ";
  static constexpr std::string_view subscription_prefix = "subscription/";

  owner_name(std::string_view prefix, std::string_view kind, std::string_view name)
      : stored_(std::string{prefix}.append(name)), prefix_bytes_(prefix.size()), kind_(kind) {}

  std::string stored_;
  std::size_t prefix_bytes_;
  std::string_view kind_;
};

}  // namespace annals::store
