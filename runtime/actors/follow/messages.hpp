// Messages to and from everything that follows the log.
#pragma once

#include "store/derived/images.hpp"

#include <annals/receipt.hpp>

#include <caf/all.hpp>

namespace annals::actors {

/// subscriber → event bus: answered by one `grown` as soon as the head is past `at`; the readable head, on the commit bus the durable one.
struct after {
  caf::actor subscriber;
  position at = 0;
};

struct grown {
  position head = 0;
};

struct follower_cell;

/// process manager → image maker, which fills in the record's checksum.
struct store_image {
  store::image made;
  std::shared_ptr<const follower_cell> cell;  // of the process manager
};

}  // namespace annals::actors

#define ANNALS_LOCAL_MESSAGE(type) CAF_ALLOW_UNSAFE_MESSAGE_TYPE(annals::actors::type)
ANNALS_LOCAL_MESSAGE(after)
ANNALS_LOCAL_MESSAGE(grown)
ANNALS_LOCAL_MESSAGE(store_image)
#undef ANNALS_LOCAL_MESSAGE
