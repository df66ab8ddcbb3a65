// What every answer tells the browser: to load nothing from elsewhere, to be shown in no frame, and to guess no types.
#pragma once

#include "ops/http/message.hpp"

namespace annals::ops {

/// `keeps` is for content that never changes; everything else must not be stored.
void add_security_headers(answer& to, bool keeps);

}  // namespace annals::ops
