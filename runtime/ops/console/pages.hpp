// The pages and what they load, from the table in assets.hpp.
#pragma once

#include "ops/http/message.hpp"

namespace annals::ops {

/// The asset of this path, the one page for the path of a screen, or 404. `keeps`: the content never changes under this name.
answer page(const request& asked, bool& keeps);

}  // namespace annals::ops
