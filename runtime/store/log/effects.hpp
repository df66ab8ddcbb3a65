// The effects of a projection (its actions outside its model), and which of them have been executed.
#pragma once

#include <annals/receipt.hpp>

#include <set>

namespace annals::store {

/// The effects of all records up to `done` have been executed, except those in `pending`: their events are parked.
struct effects {
  position done = 0;
  std::set<position> pending;

  bool is_due(position at) const { return at > done || pending.contains(at); }
  void executed(position at) {
    if (at > done) done = at;
    pending.erase(at);
  }
  /// The event is parked, so its effect becomes pending.
  void postpone(position at) {
    if (at <= done) return;
    done = at;
    pending.insert(at);
  }
  bool operator==(const effects&) const = default;
};

}  // namespace annals::store
