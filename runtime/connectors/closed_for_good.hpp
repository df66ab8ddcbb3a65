// What the answer `closed` means for a connector: whether to wait for the node, or to end.
#pragma once

#include <annals/remote.hpp>

#include <chrono>

namespace annals::connectors {

/// Whether this node, which has answered `closed`, will not come back. A node elsewhere may be started again, as long as the handle of it is open.
inline bool is_closed_for_good(const node& one) {
  const auto* const far = dynamic_cast<const remote*>(&one);
  if (far == nullptr) return true;
  const auto linked = far->wait_for_link(std::chrono::milliseconds{0});
  return !linked && linked.error().code == errc::closed;
}

}  // namespace annals::connectors
