#pragma once

#include "actors/base/environment.hpp"
#include "actors/base/messages.hpp"
#include "actors/write/messages.hpp"
#include "actors/write/ports.hpp"
#include "actors/write/rehydration.hpp"

#include <map>

namespace annals::actors {

struct aggregate_state {
  enum class phase : std::uint8_t { loading, reloading, ready, looking_back, failed };

  const environment* env = nullptr;
  const write_ports* ports = nullptr;
  shard_inbox* shard = nullptr;
  handed_batch* to_journal = nullptr;  // the shard's batch of the present turn
  const detail::aggregate_table* type = nullptr;
  std::string stream;
  phase now = phase::loading;
  std::shared_ptr<rehydration> self;     // the loader has it while loading
  std::shared_ptr<const error> failure;  // why loading failed
  std::uint64_t received = 0;            // number of commands since it was spawned

  std::vector<owned_command> stash;  // commands that wait while it is not ready, in order
  struct repeat {
    owned_command cmd;
    annals::version version;
  };
  std::map<std::uint64_t, repeat> repeats;  // by tag: repeated commands that wait for the first receipt
  std::uint64_t next_tag = 1;
  std::uint64_t looking_tag = 0;  // the fence or look_back that `stash.front()` waits for
  std::uint64_t reload_tag = 0;
  std::uint64_t bounds_tag = 0;  // the fence whose head bounds the positions of the first `bounds_count` commands
  std::uint64_t bounds_count = 0;
  std::uint64_t snapshot_tag = 0;  // the fence that `snapshot` waits for
  std::unique_ptr<take_snapshot> snapshot;
  std::size_t known_bytes = 0;        // what the shard knows of the size of the ids that `self` remembers
  annals::version next_snapshot = 0;  // the version at which the next snapshot is due; 0: never
  std::uint64_t passivate_tag = 0;
  std::uint64_t passivate_received = 0;

  static inline const char* name = "aggregate";
};

caf::behavior aggregate(caf::stateful_actor<aggregate_state>* self, const environment& env, const write_ports& ports, shard_inbox* shard,
                        handed_batch* to_journal, const detail::aggregate_table* type, std::string stream);

}  // namespace annals::actors
