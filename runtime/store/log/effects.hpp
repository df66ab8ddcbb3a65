// The effects of a projection (its actions outside its model), and which of them have been executed.
#pragma once

#include <annals/receipt.hpp>

#include <set>

namespace annals::store {

/// The effects of all records up to `done` have been executed, except those in `owed`: they are pending, because the event is parked.
struct effects {
  position done = 0;
  std::set<position> owed;

  bool is_due(position at) const { return at > done || owed.contains(at); }
  void took_place(position at) {
    if (at > done) done = at;
    owed.erase(at);
  }
  /// The event is parked, so its effect becomes pending.
  void put_off(position at) {
    if (at <= done) return;
    done = at;
    owed.insert(at);
  }
  bool operator==(const effects&) const = default;
};

}  // namespace annals::store
