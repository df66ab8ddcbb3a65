// The parked events in an image of a read model, encoded.
#pragma once

#include <annals/describe.hpp>
#include <annals/parked.hpp>

#include <vector>

namespace annals::store {

/// In position order.
struct parked_list {
  std::vector<parked_event> events;
  static constexpr auto about = annals::describe<&parked_list::events>("parked_list", 1);
};

}  // namespace annals::store
