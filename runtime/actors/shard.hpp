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
  struct stream_key {
    std::uint64_t hash;
    std::string_view stream;
  };
  struct by_hash {
    using is_transparent = void;
    std::size_t operator()(const stream_key& key) const noexcept { return key.hash; }
    std::size_t operator()(const std::string& stream) const noexcept { return hash_of_stream(stream); }
  };
  struct by_stream {
    using is_transparent = void;
    bool operator()(const stream_key& a, const std::string& b) const { return a.stream == b; }
    bool operator()(const std::string& a, const std::string& b) const { return a == b; }
  };
  struct resident;
  using resident_map = std::unordered_map<std::string, resident, by_hash, by_stream>;
  using entry = resident_map::value_type;
  struct resident {
    caf::actor actor;  // null: dead, and its successor waits for a fence
    const detail::aggregate_table* type = nullptr;
    command* first = nullptr;  // of this turn, linked
    command* last = nullptr;
    std::uint64_t forwarded = 0;
    std::uint32_t last_used = 0;  // the sweep before it
    bool used = false;            // since retire_old() last came by
    bool retiring = false;
    std::size_t bytes = 0;
    std::vector<kept_command> stash;  // while dead
    std::list<entry*>::iterator by_age;
  };

  const environment* env = nullptr;
  shard_inbox* inbox = nullptr;
  shard_batch taken;     // from the inbox; commands before `next` are forwarded
  std::size_t next = 0;
  std::vector<entry*> touched;  // with commands of this turn
  std::vector<kept_command> unstashed;  // of this turn
  std::optional<own_turn> turn;  // its aggregates run there and nowhere else
  handed_batch to_journal;       // of this turn
  resident_map residents;
  std::list<entry*> ages;  // a clock: who has not been used since the hand came by is asked to retire
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
