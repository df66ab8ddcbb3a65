// What the actors say to each other. Plain structs; they never leave the process.
#pragma once

#include "actors/command.hpp"
#include "actors/parked_events.hpp"
#include "actors/recent_commands.hpp"
#include "actors/return_address.hpp"
#include "store/stream_reader.hpp"

#include <annals/detail/tables.hpp>
#include <annals/pending.hpp>
#include <annals/receipt.hpp>
#include <annals/result.hpp>

#include <caf/all.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace annals::actors {

struct rehydration;

/// shard → aggregate: commands of one turn, linked by `next`; they live as long as the turn.
struct commands {
  const command* first = nullptr;
};

/// The answer to one command.
struct answer {
  std::uint64_t number = 0;
  annals::version version = 0;
  position at = 0;
  std::uint32_t events = 0;
  std::shared_ptr<const error> refused;  // null: accepted
};

/// journal → whoever waits: the answers of one batch, in order.
struct answers {
  std::vector<answer> list;
};

/// So few answers of hosts, and what their callbacks send, are handled where they come up: waking another thread for them
/// would take longer than they do (measured: from twice as many on it does not matter).
inline constexpr std::size_t few_answers = 64;

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

/// anyone → event bus: what is after `at`? Answered by one `grown`, as soon as the readable head is past it.
struct after {
  caf::actor subscriber;
  position at = 0;
};
struct grown {
  position head = 0;
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
struct keep_snapshot {
  store::snapshot taken;
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

/// journal → gateway: it cannot go on.
struct journal_stopped {
  error why;
};

/// loader → index writer, and back.
struct flush_segment {
  std::shared_ptr<const store::tail_segment> segment;
  caf::actor reply_to;
};
struct segment_flushed {
  std::shared_ptr<const store::tail_segment> segment;
};

/// engine → loader: `done` is set, and the news board told, when loads see all that is durable now, or while the index cannot be
/// written.
struct catch_up {
  std::shared_ptr<std::atomic<bool>> done;
};

/// process manager → index writer: observed up to here.
struct checkpoint {
  std::string name;
  position at = 0;
};

/// anyone → drainer: keep these in the log's control table. Comes back as `kept` when LMDB has them, or when they are
/// certainly not there (`not_written`: closed without space), or nobody can know (`unknown`: the log failed). A sender has
/// one on its way at a time.
struct keep {
  std::vector<store::control_entry> decided;
  return_address reply_to;
  std::uint64_t tag = 0;
};
struct kept {
  std::uint64_t tag = 0;
  std::shared_ptr<const error> failed;  // null: durable
};

/// projector → gateway.
struct query_answer {
  std::uint64_t number = 0;
  std::shared_ptr<const detail::outcome> given;
};

/// projector → index writer: what is parked now, for those who look at the store from outside.
struct parked_now {
  std::string name;
  std::vector<parked_event> events;
};

/// A process manager to itself: the pause is over, and the input is tried again.
struct input_again {
  position at = 0;
};

/// An actor to itself: what waits under this number has waited long enough.
struct give_up {
  std::uint64_t number = 0;
};

using drained = caf::atom_constant<caf::atom("drained")>;
using make_room = caf::atom_constant<caf::atom("makeroom")>;
using hurry = caf::atom_constant<caf::atom("hurry")>;
using wake = caf::atom_constant<caf::atom("wake")>;
using try_again = caf::atom_constant<caf::atom("tryagain")>;
using go_on = caf::atom_constant<caf::atom("goon")>;
using sweep = caf::atom_constant<caf::atom("sweep")>;
using closes = caf::atom_constant<caf::atom("closes")>;
using stop_now = caf::atom_constant<caf::atom("stopnow")>;
using flush_now = caf::atom_constant<caf::atom("flushnow")>;
using index_stuck = caf::atom_constant<caf::atom("indexstuck")>;
using alarm = caf::atom_constant<caf::atom("alarm")>;

}  // namespace annals::actors

#define ANNALS_LOCAL_MESSAGE(type) CAF_ALLOW_UNSAFE_MESSAGE_TYPE(annals::actors::type)
ANNALS_LOCAL_MESSAGE(commands)
ANNALS_LOCAL_MESSAGE(answers)
ANNALS_LOCAL_MESSAGE(fence_passed)
ANNALS_LOCAL_MESSAGE(after)
ANNALS_LOCAL_MESSAGE(grown)
ANNALS_LOCAL_MESSAGE(load)
ANNALS_LOCAL_MESSAGE(loaded)
ANNALS_LOCAL_MESSAGE(take_snapshot)
ANNALS_LOCAL_MESSAGE(keep_snapshot)
ANNALS_LOCAL_MESSAGE(look_back)
ANNALS_LOCAL_MESSAGE(looked_back)
ANNALS_LOCAL_MESSAGE(look_further)
ANNALS_LOCAL_MESSAGE(outgrown)
ANNALS_LOCAL_MESSAGE(retire)
ANNALS_LOCAL_MESSAGE(idle)
ANNALS_LOCAL_MESSAGE(vanished)
ANNALS_LOCAL_MESSAGE(journal_stopped)
ANNALS_LOCAL_MESSAGE(flush_segment)
ANNALS_LOCAL_MESSAGE(segment_flushed)
ANNALS_LOCAL_MESSAGE(catch_up)
ANNALS_LOCAL_MESSAGE(checkpoint)
ANNALS_LOCAL_MESSAGE(keep)
ANNALS_LOCAL_MESSAGE(kept)
ANNALS_LOCAL_MESSAGE(query_answer)
ANNALS_LOCAL_MESSAGE(parked_now)
ANNALS_LOCAL_MESSAGE(input_again)
ANNALS_LOCAL_MESSAGE(give_up)
#undef ANNALS_LOCAL_MESSAGE
