// What was decided about parked events, in the log's control table:
//
//   skipped/<who>/<position, 20 digits> → when, microseconds since 1970 UTC
//   effects/<who> → the position up to which a projection's effects took place, and those of them that are owed, with spaces
//                   between
#pragma once

#include "actors/effects.hpp"
#include "store/log.hpp"

#include <annals/receipt.hpp>
#include <annals/result.hpp>

#include <set>
#include <string>
#include <string_view>

namespace annals::actors {

store::control_entry skip_decision(std::string_view who, position at, timestamp now);
/// All that were made before.
result<std::set<position>> skipped_before(const store::log& in, std::string_view who);

store::control_entry effects_done(std::string_view who, const effects& so_far);
/// Nothing: there was none before.
result<std::optional<effects>> effects_done_before(const store::log& in, std::string_view who);

error nothing_parked(position at);

}  // namespace annals::actors
