// Tells the host once of each event that a projection or process manager parks. Events that an earlier runtime had parked are summed up
// in one line of the diagnostic log.
#pragma once

#include "actors/base/environment.hpp"
#include "actors/dead_letters/parked_events.hpp"

#include <set>
#include <string>

namespace annals::actors {

class parked_notices {
public:
  /// `before`: tried and parked by an earlier runtime. `owner` as in parked_notice.
  parked_notices(const environment& env, std::string owner, std::set<position> before);
  /// `now`: all that is parked now. Reports the events in it that are new and were tried.
  void follow(const parked_events& now);

private:
  const environment* env_;
  std::string owner_;
  std::set<position> reported_;
  std::set<position> last_;
};

}  // namespace annals::actors
