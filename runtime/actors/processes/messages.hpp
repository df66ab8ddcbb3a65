// What a process manager sends to itself.
#pragma once

#include <annals/receipt.hpp>

#include <caf/all.hpp>

namespace annals::actors {

/// A process manager to itself: the pause is over, try the input again.
struct input_again {
  position at = 0;
};

}  // namespace annals::actors

#define ANNALS_LOCAL_MESSAGE(type) CAF_ALLOW_UNSAFE_MESSAGE_TYPE(annals::actors::type)
ANNALS_LOCAL_MESSAGE(input_again)
#undef ANNALS_LOCAL_MESSAGE
