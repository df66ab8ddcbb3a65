/// Which types run here: the bank and the shop, with their read models.
#pragma once

#include <annals/runtime.hpp>

namespace annals::config {

/// All of them; also for looking at a store from outside.
const hosted_types& hosted();

/// Before start().
result<void> host_all(runtime& rt);

}  // namespace annals::config
