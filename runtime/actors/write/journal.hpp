#pragma once

#include "actors/base/clock_offset.hpp"
#include "actors/base/environment.hpp"
#include "actors/base/messages.hpp"
#include "actors/base/own_turn.hpp"
#include "actors/write/messages.hpp"
#include "actors/write/ports.hpp"

#include <optional>

namespace annals::actors {

struct journal_state {
  const environment* env = nullptr;
  const write_ports* ports = nullptr;
  std::vector<handed_batch> waiting;
  std::size_t at_batch = 0;               // index in `waiting`: the batches before it are answered
  std::size_t at_item = 0;                // index in that batch: the items before it are answered
  std::size_t at_byte = 0;                // offset in that batch's records: where those of the item begin
  std::vector<std::string_view> records;  // of one commit; refilled for each
  std::size_t record_bytes = 0;           // the size of these
  /// Of the commit under way, if one of its commands is sampled.
  struct traced_commit {
    std::int64_t begin = 0, end = 0;
    trace_context first;  // the span of the first of them; the others link to it
  };
  std::optional<traced_commit> traced;
  std::vector<answers> outgoing;  // of one commit, by recipient; its lists are empty between messages
  position head = 0;              // durable
  timestamp last_time = 0;
  clock_offset clock{1'000'000};
  bool was_ahead = false;  // the time of the last record was ahead of the clock
  bool held = false;       // `waiting` is tried again when there is space or room
  bool full = false;       // no space on the disk
  bool closing = false;
  std::chrono::milliseconds pause{0};
  std::vector<std::pair<position, handed_over>> held_fences;  // until the readable head has reached their position
  std::chrono::nanoseconds commit_time{0};                    // moving average
  std::optional<own_turn> turn;                               // in which the gateway handles few answers

  static inline const char* name = "journal";
};

caf::behavior journal(caf::stateful_actor<journal_state>* self, const environment& env, const write_ports& ports);

}  // namespace annals::actors
