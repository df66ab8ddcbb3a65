// What the actors say to each other. Plain structs; they never leave the process.
#pragma once

#include "actors/command.hpp"
#include "actors/parked_events.hpp"
#include "actors/return_address.hpp"
#include "store/stream_reader.hpp"

#include <annals/detail/tables.hpp>
#include <annals/pending.hpp>
#include <annals/receipt.hpp>
#include <annals/result.hpp>

#include <caf/all.hpp>

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace annals::actors {

struct rehydration;
struct model_state;
struct model_cell;

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

/// aggregate → loader: is this id in the stream, at or below version `below` and past position `since`?
struct look_back {
  std::string stream;
  std::string id;
  annals::version below = 0;
  position since = 0;
  std::uint64_t tag = 0;
  return_address reply_to;
};
struct looked_back {
  std::uint64_t tag = 0;
  bool found = false;
  std::uint64_t fingerprint = 0;
  answer first;  // the first answer again, without its number
  std::shared_ptr<const error> failed;
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

/// host → projector.
struct query {
  std::string name;
  std::string body;
  bool waits = false;  // for the position, so long
  position at_least = 0;
  std::chrono::milliseconds time_out{0};
  reply_address reply;
};

/// projector → gateway.
struct query_answer {
  std::uint64_t number = 0;
  std::shared_ptr<const detail::outcome> given;
};

/// projector → image maker: the newest image of a projection. Comes back as image_found; at position 0 when there is none.
struct find_image {
  const detail::projection_table* table = nullptr;
  caf::actor reply_to;
};
struct image_found {
  std::shared_ptr<model_state> model;
};

/// projector → image maker: an image of the model as it is at this position. Comes back as image_made, 0 when it failed.
struct make_image {
  const detail::projection_table* table = nullptr;
  position up_to = 0;
  parked_events parked;  // of the projector's model, there
  std::set<position> skipped;
  caf::actor reply_to;
};
struct image_made {
  position at = 0;
};

/// projector → image maker: it has ended, and this is its model.
struct keep_model {
  const detail::projection_table* table = nullptr;
  std::shared_ptr<const model_cell> cell;
};
/// projector → image maker: the model was built anew.
struct drop_images {
  const detail::projection_table* table = nullptr;
};

/// projector → a partition that it spawns: build the part of the model that is of every so-manieth stream.
struct build_partition {
  const detail::projection_table* table = nullptr;
  std::size_t number = 0;
  position up_to = 0;
  std::set<position> skipped;
  bool is_rebuild = false;
  caf::actor reply_to;
};
/// A partition's answer, and its end.
struct partition_built {
  bool is_rebuild = false;
  std::shared_ptr<model_state> model;
  std::shared_ptr<const error> failed;
};

/// host → projector: build the model anew from position 1; answered when it has taken the other's place.
struct rebuild_model {
  reply_address reply;
};
/// host → projector: about a parked event.
struct retry_parked {
  position at = 0;
  reply_address reply;
};
struct skip_parked {
  position at = 0;
  reply_address reply;
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

/// A projector to itself: the pause is over, of the model that answers or of the one that is rebuilt.
struct pause_over {
  bool is_rebuild = false;
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
using stop_now = caf::atom_constant<caf::atom("stopnow")>;
using flush_now = caf::atom_constant<caf::atom("flushnow")>;
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
ANNALS_LOCAL_MESSAGE(retire)
ANNALS_LOCAL_MESSAGE(idle)
ANNALS_LOCAL_MESSAGE(vanished)
ANNALS_LOCAL_MESSAGE(journal_stopped)
ANNALS_LOCAL_MESSAGE(flush_segment)
ANNALS_LOCAL_MESSAGE(segment_flushed)
ANNALS_LOCAL_MESSAGE(checkpoint)
ANNALS_LOCAL_MESSAGE(keep)
ANNALS_LOCAL_MESSAGE(kept)
ANNALS_LOCAL_MESSAGE(query)
ANNALS_LOCAL_MESSAGE(query_answer)
ANNALS_LOCAL_MESSAGE(find_image)
ANNALS_LOCAL_MESSAGE(image_found)
ANNALS_LOCAL_MESSAGE(make_image)
ANNALS_LOCAL_MESSAGE(image_made)
ANNALS_LOCAL_MESSAGE(keep_model)
ANNALS_LOCAL_MESSAGE(drop_images)
ANNALS_LOCAL_MESSAGE(partition_built)
ANNALS_LOCAL_MESSAGE(rebuild_model)
ANNALS_LOCAL_MESSAGE(retry_parked)
ANNALS_LOCAL_MESSAGE(skip_parked)
ANNALS_LOCAL_MESSAGE(parked_now)
ANNALS_LOCAL_MESSAGE(input_again)
ANNALS_LOCAL_MESSAGE(pause_over)
ANNALS_LOCAL_MESSAGE(give_up)
#undef ANNALS_LOCAL_MESSAGE
