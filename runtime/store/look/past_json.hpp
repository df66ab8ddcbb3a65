// Read models of any type, as they were at a position, as JSON.
#pragma once

#include "store/look/parts.hpp"

#include <annals/detail/tables.hpp>
#include <annals/view.hpp>

namespace annals::store {

/// As view::model_at().
result<past_model_json> model_at(const looked_at& in, const detail::projection_table& of, position at, const model_bounds& bounds,
                                 const stream_choice& streams);

}  // namespace annals::store
