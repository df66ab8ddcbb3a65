// What a projection does outside of its model, and which of it has been done.
#pragma once

#include <annals/receipt.hpp>

#include <set>

namespace annals::store {

/// Which effects of a projection took place: those of all records up to `done`, but for what is owed, as its event is parked.
struct effects {
  position done = 0;
  std::set<position> owed;

  bool is_due(position at) const { return at > done || owed.contains(at); }
  void took_place(position at) {
    if (at > done) done = at;
    owed.erase(at);
  }
  /// Its event is parked.
  void put_off(position at) {
    if (at <= done) return;
    done = at;
    owed.insert(at);
  }
  bool operator==(const effects&) const = default;
};

}  // namespace annals::store
