// A record as a host gets it from a subscription: for as long as it likes.
#pragma once

#include <annals/subscription.hpp>

namespace annals::actors {

/// Its texts in one piece of memory.
delivered copy_of(const record_view& record, std::uint32_t attempt);

}  // namespace annals::actors
