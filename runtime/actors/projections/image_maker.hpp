#pragma once

#include "actors/base/environment.hpp"
#include "actors/projections/fold.hpp"
#include "actors/projections/messages.hpp"

#include <deque>
#include <optional>

namespace annals::actors {

struct image_maker_state {
  /// A model that is being brought to the position of the image to be made.
  struct job {
    make_image order;
    fold log_fold;
    model_state model;
    std::size_t late = 0;  // index of the next entry of order.late
    telemetry::stopwatch since;
  };
  const environment* env = nullptr;
  std::deque<make_image> waiting;
  std::optional<job> now;
  static inline const char* name = "image_maker";
};

caf::behavior image_maker(caf::stateful_actor<image_maker_state>* self, const environment& env);

}  // namespace annals::actors
