// Read models as they were, out of the log, for looking back.
#pragma once

#include "store/read/past_state.hpp"

#include <annals/detail/tables.hpp>

#include <string_view>

namespace annals::store {

/// Applies the chosen streams' records up to this position, or to the head if that is before it, in position order, but for
/// those that it was decided this projection never applies, and those that are left out. Returns which of the two it was.
result<position> fold_log(const kept_history& from, std::string_view projection, detail::hosted_model& into, position at,
                          const stream_choice& of, detail::left_out_events left_out);

}  // namespace annals::store
