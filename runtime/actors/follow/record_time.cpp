#include "actors/follow/record_time.hpp"

namespace annals::actors {

timestamp time_at(const environment& env, position at) {
  if (at == 0 || at > env.log->readable()) return 0;
  timestamp found = 0;
  const position one[] = {at};
  (void)env.log->read_at(one, [&](const record_view& record) {
    found = record.time;
    return true;
  });
  return found;
}

}  // namespace annals::actors
