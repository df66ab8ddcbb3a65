// Which connection leads to which node of CAF.
#pragma once

#include "net/link/connection.hpp"

#include <caf/all.hpp>

#include <memory>
#include <mutex>
#include <unordered_map>

namespace annals::net {

/// Thread-safe.
class peer_table {
public:
  /// The first connection that is alive stays: CAF drops later ones as redundant.
  void put(const caf::node_id& node, std::shared_ptr<connection> to) {
    const std::lock_guard lock{mutex_};
    std::erase_if(known_, [](const auto& one) { return one.second->is_gone(); });
    known_.try_emplace(node, std::move(to));
  }
  /// A connection without a socket, if none is known.
  std::shared_ptr<connection> find(const caf::node_id& node) const {
    const std::lock_guard lock{mutex_};
    const auto found = known_.find(node);
    return found == known_.end() ? std::make_shared<connection>(-1) : found->second;
  }

  /// Of all connections that are alive.
  std::size_t unsent_bytes() const {
    const std::lock_guard lock{mutex_};
    std::size_t sum = 0;
    for (const auto& [node, to] : known_)
      if (!to->is_gone()) sum += to->unsent_bytes;
    return sum;
  }

private:
  mutable std::mutex mutex_;
  std::unordered_map<caf::node_id, std::shared_ptr<connection>> known_;  // guarded
};

}  // namespace annals::net
