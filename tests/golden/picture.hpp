// What a golden store is seen to hold, as lines of JSON.
#pragma once

#include "golden/program.hpp"

#include <annals/store_view.hpp>

#include <string>
#include <vector>

namespace golden {

using lines = std::vector<std::string>;

/// Read only: the identity, every record, every stream.
lines picture_of_log(const annals::store_view& view);
/// The records again, all of each.
lines picture_of_records(const program& on, annals::position head);
/// What they come to, as of this position.
lines picture_of_states(const program& on, annals::position head);

}  // namespace golden
