// Messages to and from everything that follows the log.
#pragma once

#include "actors/base/command.hpp"
#include "store/derived/images.hpp"

#include <annals/pending.hpp>
#include <annals/receipt.hpp>

#include <caf/all.hpp>

#include <cstdint>
#include <memory>

namespace annals::actors {

/// subscriber → event bus: answered by one `grown` as soon as the head is past `at`; the readable head, on the commit bus the durable one.
struct after {
  caf::actor subscriber;
  position at = 0;
};

struct grown {
  position head = 0;
};

/// projector, process manager, unhosted_skip → gateway.
struct query_answer {
  std::uint64_t number = 0;
  std::shared_ptr<const detail::outcome> given;
};

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

/// process manager → image maker, which fills in the record's checksum.
struct keep_image {
  store::image made;
};

}  // namespace annals::actors

#define ANNALS_LOCAL_MESSAGE(type) CAF_ALLOW_UNSAFE_MESSAGE_TYPE(annals::actors::type)
ANNALS_LOCAL_MESSAGE(after)
ANNALS_LOCAL_MESSAGE(grown)
ANNALS_LOCAL_MESSAGE(query_answer)
ANNALS_LOCAL_MESSAGE(retry_parked)
ANNALS_LOCAL_MESSAGE(skip_parked)
ANNALS_LOCAL_MESSAGE(keep_image)
#undef ANNALS_LOCAL_MESSAGE
