// The errors of parked events, and the reasons that their lists give.
#pragma once

#include <annals/receipt.hpp>
#include <annals/result.hpp>

#include <cstddef>

namespace annals::actors {

/// not_found
error nothing_parked(position at);
/// misuse: the events of a lane are tried in order.
error blocked_by(position first);
/// misuse: the decision to skip this event is on its way to the log. What a retry would try must not contain it.
error being_skipped(position at);
/// projection_failed
error too_many_parked(std::size_t most, position at);

}  // namespace annals::actors
