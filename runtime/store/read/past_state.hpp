// States of aggregates out of snapshots and the log, for the loader and for looking back; also from outside.
#pragma once

#include "store/derived/index.hpp"
#include "store/log/log.hpp"
#include "store/read/stream_reader.hpp"

#include <annals/detail/tables.hpp>
#include <annals/time_travel.hpp>

#include <functional>
#include <memory>
#include <string>

namespace annals::store {

/// Where snapshots and records are.
struct kept_history {
  const store::log* log;
  const store::index* index;  // null: without snapshots, and streams are found by a scan
  std::function<void(const std::string&)> warn;  // told of snapshots that are left out
  const stream_reader* tail = nullptr;  // of this log and index: then a stream is read as of now
};

struct begun_state {
  std::unique_ptr<detail::hosted_state> state;
  annals::version version = 0;
  position at = 0;
  timestamp time = 0;
};

/// The newest snapshot of the stream that is good and not past `when`, restored; a new state when there is none.
result<begun_state> begin_with_snapshot(const kept_history& from, const std::string& stream, const detail::aggregate_table& type,
                                        const as_of& when);

/// Visits the stream's records from version `first` on, at most `max`.
result<void> read_stream(const kept_history& from, const std::string& stream, version first, std::size_t max, const record_visitor& visit);

/// The state behind the stream's last event that is not past `when`.
result<begun_state> state_at(const kept_history& from, const std::string& stream, const detail::aggregate_table& type,
                             const as_of& when);
/// The same, on top of a state that is not past `when`.
result<begun_state> state_from(const kept_history& from, const std::string& stream, begun_state so_far, const as_of& when);

}  // namespace annals::store
