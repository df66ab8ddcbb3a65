// The members of subscriptions that peers have. A member belongs to the session that made it, and survives its links.
#pragma once

#include "actors/base/membership.hpp"
#include "net/session/session_id.hpp"
#include "net/wire/calls.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace annals::net {

/// Thread-safe.
class members {
public:
  struct member {
    std::shared_ptr<detail::membership> in;
    std::vector<std::string> categories;  // of its filter; empty: all
  };

  /// Returns its number within the session.
  std::uint64_t add(const session_id& of, member made) {
    const std::lock_guard lock{mutex_};
    const auto number = ++last_;
    all_[{of, number}] = std::move(made);
    return number;
  }
  /// Null if the session has no such member.
  member find(const session_id& of, std::uint64_t number) const {
    const std::lock_guard lock{mutex_};
    const auto found = all_.find({of, number});
    return found == all_.end() ? member{} : found->second;
  }
  void drop(const session_id& of, std::uint64_t number) { take(of, number, number); }
  /// All members of a session leave.
  void drop(const session_id& of) { take(of, 0, ~std::uint64_t{0}); }

private:
  void take(const session_id& of, std::uint64_t first, std::uint64_t last) {
    std::vector<member> gone;
    const std::lock_guard lock{mutex_};
    const auto begin = all_.lower_bound({of, first}), end = all_.upper_bound({of, last});
    for (auto at = begin; at != end; ++at) gone.push_back(std::move(at->second));
    all_.erase(begin, end);
    for (auto& one : gone) one.in->leave();
  }

  mutable std::mutex mutex_;
  std::map<std::pair<session_id, std::uint64_t>, member> all_;
  std::uint64_t last_ = std::uint64_t{std::random_device{}()} * members_of_one_life;  // life_of_member()
};

}  // namespace annals::net
