#pragma once

#include "actors/environment.hpp"
#include "actors/messages.hpp"
#include "actors/own_turn.hpp"

#include <list>
#include <optional>
#include <unordered_map>
#include <vector>

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
  shard_inbox* inbox = nullptr;
  std::vector<command> taken;  // from the inbox; those before `next` are forwarded
  std::size_t next = 0;
  std::optional<own_turn> turn;
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

caf::behavior shard(caf::stateful_actor<shard_state>* self, const environment& env, shard_inbox* inbox);

}  // namespace annals::actors
