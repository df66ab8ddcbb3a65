// What is said to projectors, and what they say to those who help them.
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

struct model_cell;

/// host → projector.
struct query {
  std::string name;
  std::string body;
  bool waits = false;  // for the position, so long
  position at_least = 0;
  std::chrono::milliseconds time_out{0};
  reply_address reply;
};

/// projector → image maker: the newest image of a projection that is not past `at_most`, and in which these are parked as far as it
/// goes. Comes back as image_found; at position 0 when there is none.
struct find_image {
  const detail::projection_table* table = nullptr;
  position at_most = 0;
  std::set<position> parked;
  caf::actor reply_to;
};

struct image_found {
  std::shared_ptr<model_state> model;
};

/// projector → image maker: an image of the model as it is at this position. Comes back as image_made, 0 when it failed.
struct make_image {
  const detail::projection_table* table = nullptr;
  position up_to = 0;
  parked_events parked;  // of the projector's model, there
  std::vector<late_event> late;
  std::set<position> skipped;
  caf::actor reply_to;
};

struct image_made {
  position at = 0;
};

/// projector → image maker: it has ended, and this is its model.
struct keep_model {
  const detail::projection_table* table = nullptr;
  std::shared_ptr<const model_cell> cell;
};

/// projector → image maker: the model was built anew for those who wait. Comes back as images_dropped: only then is it certain
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

/// projector → a partition that it spawns: build the part of the model that is of every so-manieth stream.
struct build_partition {
  const detail::projection_table* table = nullptr;
  std::size_t number = 0;
  position up_to = 0;
  std::set<position> skipped;
  std::set<position> owed;  // events whose effects have not taken place
  std::set<position> failed_before;  // often enough
  std::uint64_t build = 0;
  caf::actor reply_to;
};

/// A partition's answer, and its end.
struct partition_built {
  std::uint64_t build = 0;  // of its order
  std::size_t number = 0;
  std::shared_ptr<model_state> model;
  std::shared_ptr<const error> failed;
};

/// host → projector: build the model anew from position 1; answered when it has taken the other's place.
struct rebuild_model {
  reply_address reply;
};

/// A projector to itself: the pause is over, of the model that answers or of the one that is rebuilt.
struct pause_over {
  bool is_rebuild = false;
};

/// An actor to itself: what waits under this number has waited long enough.
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
ANNALS_LOCAL_MESSAGE(keep_model)
ANNALS_LOCAL_MESSAGE(drop_images)
ANNALS_LOCAL_MESSAGE(images_dropped)
ANNALS_LOCAL_MESSAGE(partition_built)
ANNALS_LOCAL_MESSAGE(rebuild_model)
ANNALS_LOCAL_MESSAGE(pause_over)
ANNALS_LOCAL_MESSAGE(give_up)
#undef ANNALS_LOCAL_MESSAGE
