// Messages to the drainer and the index writer, and their answers.
#pragma once

#include "actors/base/return_address.hpp"
#include "store/derived/snapshot_table.hpp"
#include "store/log/log.hpp"
#include "store/read/index_tail.hpp"

#include <annals/parked.hpp>
#include <annals/receipt.hpp>
#include <annals/result.hpp>

#include <caf/all.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace annals::actors {

/// follower → drainer: write these entries to the log's control table. Answered by `control_written` when LMDB has them, when they are
/// certainly not written (`not_written`: closed without space), or when that is unknown (`unknown`: the log failed). Without entries it
/// only asks for an answer after the next commit to LMDB. A sender has one under way at a time.
struct write_control {
  std::vector<store::control_entry> decided;
  return_address reply_to;
  std::uint64_t tag = 0;
};

struct control_written {
  std::uint64_t tag = 0;
  std::shared_ptr<const error> failed;  // null: durable
};

struct write_snapshot {
  store::snapshot taken;
};

/// loader → index writer, which answers with segment_flushed.
struct flush_segment {
  std::shared_ptr<const store::tail_segment> segment;
  caf::actor reply_to;
};

struct segment_flushed {
  std::shared_ptr<const store::tail_segment> segment;
};

/// projector, process manager → index writer: the owner has followed the log up to this position.
struct checkpoint {
  std::string name;
  position at = 0;
};

/// projector, process manager, unhosted_skip → index writer: all parked events of this owner, for tools that inspect the store.
struct parked_now {
  std::string name;
  std::vector<parked_event> events;
};

using drained = caf::atom_constant<caf::atom("drained")>;
using make_room = caf::atom_constant<caf::atom("makeroom")>;
using hurry = caf::atom_constant<caf::atom("hurry")>;
using flush_now = caf::atom_constant<caf::atom("flushnow")>;
using index_stuck = caf::atom_constant<caf::atom("indexstuck")>;

}  // namespace annals::actors

#define ANNALS_LOCAL_MESSAGE(type) CAF_ALLOW_UNSAFE_MESSAGE_TYPE(annals::actors::type)
ANNALS_LOCAL_MESSAGE(write_control)
ANNALS_LOCAL_MESSAGE(control_written)
ANNALS_LOCAL_MESSAGE(write_snapshot)
ANNALS_LOCAL_MESSAGE(flush_segment)
ANNALS_LOCAL_MESSAGE(segment_flushed)
ANNALS_LOCAL_MESSAGE(checkpoint)
ANNALS_LOCAL_MESSAGE(parked_now)
#undef ANNALS_LOCAL_MESSAGE
