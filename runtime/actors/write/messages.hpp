// Messages between shards, aggregates, the loader and the journal, and from shards to the gateway.
#pragma once

#include "actors/base/command.hpp"
#include "actors/base/messages.hpp"
#include "actors/base/return_address.hpp"
#include "actors/write/recent_commands.hpp"

#include <annals/detail/tables.hpp>
#include <annals/receipt.hpp>
#include <annals/result.hpp>

#include <caf/all.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace annals::actors {

struct rehydration;

/// shard → aggregate: its commands of one turn, linked by `next`. They are valid during the turn only.
struct commands {
  const command* first = nullptr;
};

/// An item for the journal. An append: the records of one command and the answer that depends on them; without records, an answer that
/// depends on what came before it. Or a fence: answered by fence_passed with `reply.number` as its tag when everything before it is
/// readable.
struct handed_over {
  enum class kind : std::uint8_t { append, fence };
  kind what = kind::append;
  bool is_patient = false;  // a fence for which the drainer need not hurry
  std::uint32_t count = 0;  // number of records
  std::size_t bytes = 0;    // total size of the records
  recipient to = gateway_recipient;
  return_address fence_to;
  answer reply;
};

/// journal → aggregate, shard: everything before the fence is readable.
struct fence_passed {
  std::uint64_t tag = 0;
  position head = 0;  // readable
};

/// aggregate → loader: fold the rest of the stream into `into`. Answered by loaded.
struct load {
  std::string stream;
  const detail::aggregate_table* type = nullptr;
  std::shared_ptr<rehydration> into;
  return_address reply_to;
};

struct loaded {
  std::shared_ptr<rehydration> into;
  std::shared_ptr<const error> failed;
};

/// aggregate → loader: a snapshot of its state at this version, which is readable. The loader adds the position and the checksum of that
/// version's record and hands it to the index writer.
struct take_snapshot {
  std::string stream;
  annals::version version = 0;
  std::uint64_t shape = 0;
  std::string state;
};

/// aggregate → loader: is this id in the stream, at versions `least` to `below` (inclusive) and past position `since`? Answered by
/// looked_back.
struct look_back {
  std::string stream;
  std::string id;
  annals::version least = 1;
  annals::version below = 0;
  position since = 0;
  std::size_t ids_max = 0;  // at most this many ids come back
  std::uint64_t tag = 0;
  return_address reply_to;
};

/// The answer has the other ids that were read, too, so that searching for a thousand ids costs no more than for one.
struct looked_back {
  std::uint64_t tag = 0;
  bool found = false;
  std::uint64_t fingerprint = 0;
  answer first;  // the first receipt again, without a number
  std::shared_ptr<const error> failed;
  std::vector<remembered> ids;  // past position `covered`, oldest first
  position covered = ~position{0};
};

/// loader → itself: search the next part, further back. The ids found so far are newest first.
struct look_further {
  look_back asked;
  looked_back so_far;
};

/// aggregate → shard: it takes `bytes` more memory than the shard assumes.
struct memory_grown {
  std::string stream;
  std::size_t bytes = 0;
};

/// shard → aggregate: tell how many commands you have received, after a fence. Answered by passivate_answer.
struct passivate {};

/// aggregate → shard.
struct passivate_answer {
  std::string stream;
  std::uint64_t received = 0;  // number of commands, whose events are all readable; busy_now: it was not idle
  static constexpr std::uint64_t busy_now = ~std::uint64_t{0};
};

/// shard → gateway: the commands under way to this stream are lost, except those with these numbers.
struct commands_lost {
  std::string stream;
  std::vector<std::uint64_t> except;
};

/// engine → loader: set `done` and tell the news board when loads see all that is durable now, or when the tail is full and the index
/// cannot be written.
struct catch_up {
  std::shared_ptr<std::atomic<bool>> done;
};

using try_again = caf::atom_constant<caf::atom("tryagain")>;

}  // namespace annals::actors

#define ANNALS_LOCAL_MESSAGE(type) CAF_ALLOW_UNSAFE_MESSAGE_TYPE(annals::actors::type)
ANNALS_LOCAL_MESSAGE(commands)
ANNALS_LOCAL_MESSAGE(fence_passed)
ANNALS_LOCAL_MESSAGE(load)
ANNALS_LOCAL_MESSAGE(loaded)
ANNALS_LOCAL_MESSAGE(take_snapshot)
ANNALS_LOCAL_MESSAGE(look_back)
ANNALS_LOCAL_MESSAGE(looked_back)
ANNALS_LOCAL_MESSAGE(look_further)
ANNALS_LOCAL_MESSAGE(memory_grown)
ANNALS_LOCAL_MESSAGE(passivate)
ANNALS_LOCAL_MESSAGE(passivate_answer)
ANNALS_LOCAL_MESSAGE(commands_lost)
ANNALS_LOCAL_MESSAGE(catch_up)
#undef ANNALS_LOCAL_MESSAGE
