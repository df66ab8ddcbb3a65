// The part of the engine's places that commands of peers may occupy: local callers always find some left, and one peer leaves some to the
// others.
#pragma once

#include <algorithm>
#include <cstddef>
#include <map>
#include <mutex>
#include <string>

namespace annals::net {

/// Thread-safe.
class share_of_peers {
public:
  /// `places`: of the whole engine. A quarter is for local callers alone.
  explicit share_of_peers(std::size_t places) : most_(std::max<std::size_t>(places - places / 4, 1)) {}

  /// A peer may take as many places as it leaves free, so a peer alone gets half of them. False if that is too many.
  bool take(const std::string& peer) {
    const std::lock_guard lock{mutex_};
    const auto found = taken_.find(peer);
    const auto own = found == taken_.end() ? 0 : found->second;
    const auto free = most_ - all_;
    if (free == 0 || (own > 0 && own >= free)) return false;
    ++taken_[peer];
    ++all_;
    return true;
  }
  void give_back(const std::string& peer) {
    const std::lock_guard lock{mutex_};
    const auto own = taken_.find(peer);
    if (--own->second == 0) taken_.erase(own);
    --all_;
  }

private:
  const std::size_t most_;
  std::mutex mutex_;
  std::size_t all_ = 0;
  std::map<std::string, std::size_t> taken_;  // by peer
};

}  // namespace annals::net
