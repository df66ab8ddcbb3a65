#pragma once

#include "actors/base/environment.hpp"
#include "actors/projections/fold.hpp"
#include "actors/projections/messages.hpp"

#include <deque>
#include <optional>

namespace annals::actors {

struct image_maker_state {
  /// A model that is brought to where an image is wanted.
  struct job {
    make_image order;
    fold following;
    model_state model;
    std::size_t late = 0;  // the next of the order's
  };
  const environment* env = nullptr;
  std::deque<make_image> waiting;
  std::optional<job> now;
  static inline const char* name = "image_maker";
};

caf::behavior image_maker(caf::stateful_actor<image_maker_state>* self, const environment& env);

}  // namespace annals::actors
