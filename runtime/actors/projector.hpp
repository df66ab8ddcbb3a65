#pragma once

#include "actors/environment.hpp"
#include "actors/messages.hpp"
#include "actors/model_cell.hpp"

#include <map>

namespace annals::actors {

struct projector_state {
  const environment* env = nullptr;
  std::shared_ptr<model_cell> cell;
  std::map<std::uint64_t, query> waiting;  // for their token, by number
  std::uint64_t next_number = 1;
  static inline const char* name = "projector";
};

caf::behavior projector(caf::stateful_actor<projector_state>* self, const environment& env,
                        std::shared_ptr<model_cell> cell);

}  // namespace annals::actors
