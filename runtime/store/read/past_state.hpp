// States of aggregates, rebuilt from snapshots and the log: for the loader, for looking back, and for readers outside the runtime.
#pragma once

#include "store/derived/snapshot_table.hpp"
#include "store/derived/stream_index.hpp"
#include "store/log/log.hpp"
#include "store/read/stream_reader.hpp"

#include <annals/detail/tables.hpp>
#include <annals/time_travel.hpp>

#include <functional>
#include <memory>
#include <string>

namespace annals::store {

/// The sources of snapshots and records.
struct state_sources {
  const store::log* log;
  const stream_index* index;                     // null: streams are found by a scan
  const snapshot_table* snapshots;               // null: there are none
  std::function<void(const std::string&)> warn;  // called for each snapshot that is not used
  const stream_reader* tail = nullptr;           // of this log and index; if given, a stream is read up to date
};

struct begun_state {
  std::unique_ptr<detail::hosted_state> state;
  annals::version version = 0;
  position at = 0;
  timestamp time = 0;
};

/// The stream's newest good snapshot that is not after `when`, restored; a new state if there is none.
result<begun_state> begin_with_snapshot(const state_sources& from, const std::string& stream, const detail::aggregate_table& type, const as_of& when);

/// Visits the stream's records from version `first` on, at most `max`.
result<void> read_stream(const state_sources& from, const std::string& stream, version first, std::size_t max, const record_visitor& visit);

/// The state after the stream's last event that is not after `when`.
result<begun_state> state_at(const state_sources& from, const std::string& stream, const detail::aggregate_table& type, const as_of& when);
/// The same, continuing from a state that is not after `when`.
result<begun_state> state_from(const state_sources& from, const std::string& stream, begun_state so_far, const as_of& when);

}  // namespace annals::store
