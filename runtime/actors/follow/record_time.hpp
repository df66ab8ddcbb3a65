// The time of one record of the log.
#pragma once

#include "actors/base/environment.hpp"

namespace annals::actors {

/// The time of the record at this position; 0 if no record is readable there.
timestamp time_at(const environment& env, position at);

}  // namespace annals::actors
