// The state of an aggregate as read from the log. Passed from the aggregate to the loader and back: one owner at a time.
#pragma once

#include "actors/write/recent_commands.hpp"
#include "telemetry/clock.hpp"

#include <annals/detail/tables.hpp>

#include <memory>

namespace annals::actors {

/// The record has a command id and is the last record of its command.
inline bool ends_command(const record_view& record) { return record.index + 1 == record.count && !record.command_id.empty(); }

struct rehydration {
  std::unique_ptr<detail::hosted_state> state;
  annals::version version = 0;   // of the last record folded
  annals::version snapshot = 0;  // of the snapshot that it began with; 0: none
  recent_commands recent;
  telemetry::stopwatch since;  // the aggregate asked for it

  /// Folds the next record of the stream.
  result<void> fold(const record_view& record) {
    if (auto ok = state->apply(record); !ok) return ok;
    version = record.version;
    note_id(record);
    return {};
  }

  /// Remembers the command's id if the record is its last.
  void note_id(const record_view& record) {
    if (ends_command(record)) {
      recent.remember(record.command_id, record.fingerprint, record.version);
      if (recent.wants_fence()) recent.fenced(recent.count(), record.at);
    }
  }
};

}  // namespace annals::actors
