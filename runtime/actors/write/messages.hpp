// What shards, aggregates, the loader and the journal say to each other, and the shards to the gateway.
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

/// shard → aggregate: commands of one turn, linked by `next`; they live as long as the turn.
struct commands {
  const command* first = nullptr;
};

/// What the journal takes: one command's records and the answer that rests on them; without records, an answer that
/// rests on what came before it. Or a fence: `reply.number` comes back as fence_passed when all that came before it is
/// readable.
struct handed_over {
  enum class kind : std::uint8_t { append, fence };
  kind what = kind::append;
  bool is_patient = false;  // a fence that has time
  std::uint32_t count = 0;  // of the records
  std::size_t bytes = 0;    // of the records, together
  recipient to = gateway_recipient;
  return_address fence_to;
  answer reply;
};

struct fence_passed {
  std::uint64_t tag = 0;
  position head = 0;  // readable
};

/// aggregate → loader: fold the stream into this, from its last version on. Comes back as loaded.
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

/// aggregate → loader: its state behind this version, which is readable; to be kept. The loader adds where the record of
/// that version is, and hands it to the index writer.
struct take_snapshot {
  std::string stream;
  annals::version version = 0;
  std::uint64_t shape = 0;
  std::string state;
};

/// aggregate → loader: is this id in the stream, at versions `least` to `below` and past position `since`?
struct look_back {
  std::string stream;
  std::string id;
  annals::version least = 1;
  annals::version below = 0;
  position since = 0;
  std::size_t ids_max = 0;  // so many are handed over
  std::uint64_t tag = 0;
  return_address reply_to;
};

/// A caller that asks for one id gets all that were read on the way, so that a thousand cost no more than one.
struct looked_back {
  std::uint64_t tag = 0;
  bool found = false;
  std::uint64_t fingerprint = 0;
  answer first;  // the first answer again, without its number
  std::shared_ptr<const error> failed;
  std::vector<remembered> ids;       // past position `covered`, oldest first
  position covered = ~position{0};
};

/// The loader to itself: the next part, further back. The ids so far are newest first.
struct look_further {
  look_back asked;
  looked_back so_far;
};

/// aggregate → shard: it takes so many bytes more than was known.
struct outgrown {
  std::string stream;
  std::size_t bytes = 0;
};

/// shard → aggregate: say how much you have received, behind a fence. Comes back as idle.
struct retire {};

struct idle {
  std::string stream;
  std::uint64_t received = 0;  // all of it readable; busy_now: it was not idle
  static constexpr std::uint64_t busy_now = ~std::uint64_t{0};
};

/// shard → gateway: what was on its way to this stream is gone, except these.
struct vanished {
  std::string stream;
  std::vector<std::uint64_t> except;
};

/// engine → loader: `done` is set, and the news board told, when loads see all that is durable now, or while the index cannot be
/// written.
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
ANNALS_LOCAL_MESSAGE(outgrown)
ANNALS_LOCAL_MESSAGE(retire)
ANNALS_LOCAL_MESSAGE(idle)
ANNALS_LOCAL_MESSAGE(vanished)
ANNALS_LOCAL_MESSAGE(catch_up)
#undef ANNALS_LOCAL_MESSAGE
