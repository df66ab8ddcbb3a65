// Tells the host of each event that a projection or process manager has parked, once. What an earlier runtime had parked is one line
// in the log.
#pragma once

#include "actors/base/environment.hpp"
#include "actors/follow/parked_events.hpp"

#include <set>
#include <string>

namespace annals::actors {

class parked_notices {
public:
  /// Those that an earlier runtime had parked. `owner` as in parked_notice.
  parked_notices(const environment& env, std::string owner, std::set<position> before);
  /// What is parked now: those that were tried and are new are told.
  void follow(const parked_events& now);

private:
  const environment* env_;
  std::string owner_;
  std::set<position> told_;
  std::set<position> last_;
};

}  // namespace annals::actors
