// Where an answer goes: to an actor directly, or, if that actor runs only in the turn of another one, through that one's port.
#pragma once

#include "actors/base/ports.hpp"

#include <caf/all.hpp>

#include <utility>

namespace annals::actors {

struct return_address {
  caf::actor to;
  answer_port* through = nullptr;  // null: directly to the actor

  template <class T>
  void give(T what) const {
    if (through)
      through->put(to, caf::make_message(std::move(what)));
    else
      caf::anon_send(to, std::move(what));
  }
};

}  // namespace annals::actors
