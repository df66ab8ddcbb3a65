/// Which types run here: the bank and the shop, with their read models.
#pragma once

#include <annals/runtime.hpp>

namespace annals::config {

/// Before start().
result<void> host_all(runtime& rt);

}  // namespace annals::config
