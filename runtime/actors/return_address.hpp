// Where an answer to an aggregate goes: through its shard, in whose turn alone it runs.
#pragma once

#include <caf/all.hpp>

#include <utility>

namespace annals::actors {

class shard_inbox;

struct return_address {
  caf::actor to;
  shard_inbox* through = nullptr;  // null: straight to the actor

  template <class T>
  void give(T what) const {
    if (through)
      give_through(caf::make_message(std::move(what)));
    else
      caf::anon_send(to, std::move(what));
  }

private:
  void give_through(caf::message what) const;
};

}  // namespace annals::actors
