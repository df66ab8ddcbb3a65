// Rebuilds read models from the log as they were at a position.
#pragma once

#include "store/derived/stream_index.hpp"
#include "store/log/log.hpp"

#include <annals/detail/tables.hpp>
#include <annals/time_travel.hpp>

#include <string_view>

namespace annals::store {

/// Applies the records of the chosen streams, in position order, up to `at` or to the readable head if that is before it.
/// Events skipped for this projection are left out, and so are the events that `left_out` leaves out. Returns the position up to which it read.
/// Without an index (null) streams are found by a scan.
result<position> fold_log(const log& source, const stream_index* index, std::string_view projection, detail::hosted_model& into, position at,
                          const stream_choice& of, detail::left_out_events left_out);

}  // namespace annals::store
