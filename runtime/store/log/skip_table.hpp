// Decisions to skip parked events, in the log's control table, since they cannot be derived:
//
//   skipped/OWNER/POSITION   when, in microseconds since 1970 UTC; the position with 20 digits
//
// OWNER is a projection's name, or "process " and a process manager's category.
#pragma once

#include "store/log/log.hpp"

#include <annals/receipt.hpp>
#include <annals/result.hpp>

#include <set>
#include <string_view>

namespace annals::store {

control_entry skip_decision(std::string_view owner, position at, timestamp now);
/// All positions skipped so far: a model that is built leaves these events out.
result<std::set<position>> skipped_before(const log& in, std::string_view owner);

}  // namespace annals::store
