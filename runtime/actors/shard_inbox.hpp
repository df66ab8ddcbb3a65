// The way to a shard: commands, from any thread.
#pragma once

#include "actors/inbox.hpp"
#include "actors/messages.hpp"

#include <vector>

namespace annals::actors {

class shard_inbox {
public:
  void put(command cmd) {
    const bool sleeps = inbox_.put([&](std::vector<command>& batch) { batch.push_back(std::move(cmd)); });
    if (sleeps) caf::anon_send(reader, wake::value);
  }
  void take(std::vector<command>& empty) { inbox_.take(empty); }
  void close() { inbox_.close(); }

  caf::actor reader;  // the shard; set before the first command

private:
  inbox<std::vector<command>> inbox_;
};

}  // namespace annals::actors
