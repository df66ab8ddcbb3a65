// The actors that those on the way of a command send to, and the inboxes through which hosts and shards reach them. Filled by the
// engine before the first message; read-only afterwards, except for the inboxes.
#pragma once

#include "actors/base/ports.hpp"
#include "actors/write/journal_inbox.hpp"
#include "actors/write/shard_inbox.hpp"
#include "store/read/stream_reader.hpp"

#include <caf/all.hpp>

#include <deque>

namespace annals::actors {

struct write_ports final : command_port {
  caf::actor gateway;
  caf::actor event_bus;
  caf::actor commit_bus;  // null if there are no process managers
  caf::actor drainer;
  caf::actor loader;
  caf::actor index_writer;
  const actors::recipients* recipients = nullptr;
  store::stream_reader* tail = nullptr;  // thread-safe; shared with hosts
  mutable journal_inbox journal;
  mutable std::deque<shard_inbox> shards;  // indexed by stream hash modulo size, so the size is fixed

  void send(const command& cmd) const override { shards[cmd.stream_hash % shards.size()].put(cmd); }
};

}  // namespace annals::actors
