// Divides a limited amount among peers: no peer can take all of it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>

namespace annals::net {

/// Thread-safe.
class share_of_peers {
public:
  /// `most`: of all peers together.
  explicit share_of_peers(std::uint64_t most) : most_(std::max<std::uint64_t>(most, 1)) {}

  /// Takes `amount` for the peer. False if the peer would then hold more than is free now; so a single peer gets half. While nothing is
  /// taken, any amount is granted.
  bool take(const std::string& peer, std::uint64_t amount = 1) {
    const std::lock_guard lock{mutex_};
    if (!has_room(peer, amount)) return false;
    put(peer, amount);
    return true;
  }
  /// Whether take() would succeed.
  bool fits(const std::string& peer, std::uint64_t amount) const {
    const std::lock_guard lock{mutex_};
    return has_room(peer, amount);
  }
  /// Takes it in any case.
  void add(const std::string& peer, std::uint64_t amount) {
    const std::lock_guard lock{mutex_};
    put(peer, amount);
  }
  void give_back(const std::string& peer, std::uint64_t amount = 1) {
    if (amount == 0) return;
    const std::lock_guard lock{mutex_};
    const auto own = taken_.find(peer);
    if ((own->second -= amount) == 0) taken_.erase(own);
    all_ -= amount;
  }
  /// Of all peers.
  std::uint64_t taken() const {
    const std::lock_guard lock{mutex_};
    return all_;
  }

private:
  bool has_room(const std::string& peer, std::uint64_t amount) const {
    if (all_ == 0) return true;
    const auto free = most_ - std::min(all_, most_);
    const auto found = taken_.find(peer);
    return found == taken_.end() ? amount <= free : found->second + 2 * amount <= free;
  }
  void put(const std::string& peer, std::uint64_t amount) {
    if (amount == 0) return;
    taken_[peer] += amount;
    all_ += amount;
  }

  const std::uint64_t most_;
  mutable std::mutex mutex_;
  std::uint64_t all_ = 0;                       // guarded
  std::map<std::string, std::uint64_t> taken_;  // guarded; by peer
};

}  // namespace annals::net
