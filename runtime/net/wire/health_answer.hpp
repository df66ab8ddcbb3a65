// A runtime's health on the wire.
#pragma once

#include "net/wire/calls.hpp"

#include <annals/runtime.hpp>

namespace annals::net {

health_answer as_answer(const health& now);
health as_health(health_answer from);

}  // namespace annals::net
