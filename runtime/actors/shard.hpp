#pragma once

#include "actors/environment.hpp"
#include "actors/messages.hpp"

#include <list>
#include <unordered_map>

namespace annals::actors {

struct shard_state {
  struct resident {
    caf::actor actor;  // null: dead, and its successor waits for a fence
    const detail::aggregate_table* type = nullptr;
    std::uint64_t forwarded = 0;
    std::size_t bytes = 0;
    std::uint32_t last_used = 0;  // the sweep before it
    bool retiring = false;
    std::vector<command> stash;                 // while dead
    std::list<std::string>::iterator by_age;
  };

  const environment* env = nullptr;
  std::unordered_map<std::string, resident> residents;
  std::list<std::string> ages;  // longest unused first
  std::size_t bytes = 0;
  std::size_t retiring = 0;
  std::size_t retiring_bytes = 0;
  std::size_t resident_max = 0;
  std::size_t bytes_max = 0;
  std::uint32_t sweeps = 0;  // ever; time enough to tell who is idle
  std::uint64_t next_tag = 1;
  std::unordered_map<std::uint64_t, std::string> fenced;  // tag → stream of a dead aggregate

  static inline const char* name = "shard";
};

caf::behavior shard(caf::stateful_actor<shard_state>* self, const environment& env, std::size_t shards);

}  // namespace annals::actors
