// What differs between two JSON values.
#pragma once

#include "ops/json.hpp"

#include <cstddef>
#include <vector>

namespace annals::ops {

/// [{path, what: "added" | "removed" | "changed", before, after}], in the order of `after`. A list that only grew or shrank at its end
/// differs there; a list of another length is changed as a whole.
json changes_between(const json& before, const json& after);

}  // namespace annals::ops
