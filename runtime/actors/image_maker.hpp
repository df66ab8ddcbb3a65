#pragma once

#include "actors/environment.hpp"
#include "actors/projection_messages.hpp"

#include <deque>
#include <optional>

namespace annals::actors {

constexpr position image_on_close_records = 10'000;  // fewer are read again sooner than an image is written

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
