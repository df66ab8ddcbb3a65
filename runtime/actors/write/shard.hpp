#pragma once

#include "actors/base/environment.hpp"
#include "actors/base/messages.hpp"
#include "actors/base/own_turn.hpp"
#include "actors/write/ports.hpp"
#include "store/read/stream_table.hpp"

#include <list>
#include <optional>
#include <unordered_map>
#include <vector>

namespace annals::actors {

struct shard_state {
  struct resident {
    std::uint64_t hash = 0;  // of the stream
    std::string stream;
    caf::actor actor;          // null: it died, and its successor waits for a fence
    command* first = nullptr;  // the first of its commands in this turn, linked
    command* last = nullptr;
    std::uint64_t forwarded = 0;
    std::uint32_t last_used = 0;  // number of the last sweep before its last command
    bool used = false;            // since passivate_unused() last visited it
    bool passivating = false;
    passivation why_passivating = passivation::idle;
    std::size_t bytes = 0;
    const detail::aggregate_table* type = nullptr;
    std::vector<owned_command> stash;  // while it has no actor
    std::list<resident>::iterator place;
  };

  const environment* env = nullptr;
  const write_ports* ports = nullptr;
  shard_inbox* inbox = nullptr;
  shard_batch batch;  // from the inbox; its commands before `next` are forwarded
  std::size_t next = 0;
  std::vector<resident*> touched;        // aggregates with commands in this turn
  std::vector<owned_command> unstashed;  // stashed commands that are handled in this turn
  std::optional<own_turn> turn;          // its aggregates run here and nowhere else
  handed_batch to_journal;               // what its aggregates hand over in this turn
  std::list<resident> residents;         // in clock order (second chance): see passivate_unused()
  store::stream_table<resident> by_stream;
  std::size_t bytes = 0;
  std::size_t passivating = 0;
  std::size_t passivating_bytes = 0;
  std::size_t resident_max = 0;
  std::size_t bytes_max = 0;
  bool told_pressure = false;  // since the last sweep without it
  std::uint32_t sweeps = 0;    // number of sweeps so far: the time base for idleness
  std::uint64_t next_tag = 1;
  std::unordered_map<std::uint64_t, resident*> fenced;  // by tag: dead aggregates that wait for a fence

  static inline const char* name = "shard";
};

caf::behavior shard(caf::stateful_actor<shard_state>* self, const environment& env, const write_ports& ports, shard_inbox* inbox);

}  // namespace annals::actors
