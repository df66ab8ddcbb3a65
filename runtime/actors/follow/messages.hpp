// What all that follows the log is told and asked, and what it answers.
#pragma once

#include "actors/base/command.hpp"
#include "store/derived/images.hpp"

#include <annals/pending.hpp>
#include <annals/receipt.hpp>

#include <caf/all.hpp>

#include <cstdint>
#include <memory>

namespace annals::actors {

/// anyone → event bus: what is after `at`? Answered by one `grown`, as soon as the readable head is past it.
struct after {
  caf::actor subscriber;
  position at = 0;
};

struct grown {
  position head = 0;
};

/// projector → gateway.
struct query_answer {
  std::uint64_t number = 0;
  std::shared_ptr<const detail::outcome> given;
};

/// host → projector: about a parked event.
struct retry_parked {
  position at = 0;
  reply_address reply;
};

struct skip_parked {
  position at = 0;
  reply_address reply;
};

/// process manager → image maker. The record's checksum is filled in.
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
