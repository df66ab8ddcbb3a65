// What hosts order about parked events.
#pragma once

#include "actors/base/command.hpp"

#include <annals/receipt.hpp>

#include <caf/all.hpp>

namespace annals::actors {

/// host → projector, process manager: handle this parked event again.
struct retry_parked {
  position at = 0;
  reply_address reply;
};

/// host → projector, process manager: never handle this parked event.
struct skip_parked {
  position at = 0;
  reply_address reply;
};

}  // namespace annals::actors

#define ANNALS_LOCAL_MESSAGE(type) CAF_ALLOW_UNSAFE_MESSAGE_TYPE(annals::actors::type)
ANNALS_LOCAL_MESSAGE(retry_parked)
ANNALS_LOCAL_MESSAGE(skip_parked)
#undef ANNALS_LOCAL_MESSAGE
