// Messages to projectors, and between projectors and their helpers.
#pragma once

#include "actors/base/command.hpp"
#include "actors/follow/messages.hpp"
#include "actors/follow/model_state.hpp"

#include <annals/detail/tables.hpp>
#include <annals/receipt.hpp>
#include <annals/result.hpp>

#include <caf/all.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace annals::actors {

struct follower_cell;

/// host → projector.
struct query {
  std::string name;
  std::string body;
  bool waits = false;  // for position `at_least`, at most `time_out`
  position at_least = 0;
  std::chrono::milliseconds time_out{0};
  reply_address reply;
};

/// projector → image maker: find the newest image up to `at_most` that has applied none of the events in `parked`. Answered
/// with image_found; its model is at position 0 if there is no such image.
struct find_image {
  const detail::projection_table* table = nullptr;
  position at_most = 0;
  std::set<position> parked;
  caf::actor reply_to;
};

struct image_found {
  std::shared_ptr<model_state> model;
};

/// projector → image maker: make an image of the model as of `up_to`. Answered with image_made; its position is 0 on failure.
struct make_image {
  const detail::projection_table* table = nullptr;
  std::shared_ptr<const follower_cell> cell;  // of the projector
  position up_to = 0;
  parked_events parked;  // of the projector's model, as of `up_to`
  std::vector<late_event> late;
  std::set<position> skipped;
  caf::actor reply_to;
};

struct image_made {
  position at = 0;
};

/// projector → image maker: the projector has ended, and this is its model.
struct store_model {
  const detail::projection_table* table = nullptr;
  std::shared_ptr<const follower_cell> cell;
};

/// projector → image maker: the model was rebuilt for these callers. Answered with images_dropped: only then it is certain
/// that the old model does not come back.
struct drop_images {
  const detail::projection_table* table = nullptr;
  std::vector<reply_address> waiting;
  caf::actor reply_to;
};

struct images_dropped {
  std::vector<reply_address> waiting;
  std::shared_ptr<const error> failed;
};

/// projector → a partition that it spawns: build the partial model of the streams with hash % partitions == number.
struct build_partition {
  const detail::projection_table* table = nullptr;
  std::size_t number = 0;
  position up_to = 0;
  std::set<position> skipped;
  std::set<position> pending;        // events whose effects are pending: parked without an attempt
  std::set<position> failed_before;  // these get one attempt only
  position counted_after = 0;        // what becomes of events after this is counted
  std::uint64_t build = 0;
  caf::actor reply_to;
};

/// partition → projector: its result. The partition ends with it.
struct partition_built {
  std::uint64_t build = 0;  // of the order
  std::size_t number = 0;
  std::shared_ptr<model_state> model;
  std::shared_ptr<const error> failed;
  std::uint64_t applied = 0, parked = 0, attempts_failed = 0;  // of the counted events
};

/// host → projector: rebuild the model from position 1. Answered when the new model has replaced the old one.
struct rebuild_model {
  reply_address reply;
};

/// A projector to itself: the pause of the live model, or of the rebuild, is over.
struct pause_over {
  bool is_rebuild = false;
};

/// An actor to itself: the request with this number has waited long enough.
struct give_up {
  std::uint64_t number = 0;
};

}  // namespace annals::actors

#define ANNALS_LOCAL_MESSAGE(type) CAF_ALLOW_UNSAFE_MESSAGE_TYPE(annals::actors::type)
ANNALS_LOCAL_MESSAGE(query)
ANNALS_LOCAL_MESSAGE(find_image)
ANNALS_LOCAL_MESSAGE(image_found)
ANNALS_LOCAL_MESSAGE(make_image)
ANNALS_LOCAL_MESSAGE(image_made)
ANNALS_LOCAL_MESSAGE(store_model)
ANNALS_LOCAL_MESSAGE(drop_images)
ANNALS_LOCAL_MESSAGE(images_dropped)
ANNALS_LOCAL_MESSAGE(partition_built)
ANNALS_LOCAL_MESSAGE(rebuild_model)
ANNALS_LOCAL_MESSAGE(pause_over)
ANNALS_LOCAL_MESSAGE(give_up)
#undef ANNALS_LOCAL_MESSAGE
