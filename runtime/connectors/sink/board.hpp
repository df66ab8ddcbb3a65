// What the threads of a sink tell those who ask: how far each slot is, what is parked, what waits or has stopped.
#pragma once

#include "connectors/sink/histogram.hpp"
#include "connectors/sink/target.hpp"

#include <annals/metrics.hpp>
#include <annals/sink.hpp>

#include <array>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <string>

namespace annals::connectors {

/// One generation that is followed.
struct progress {
  struct place {
    bool is_known = false;
    position at = 0;
    timestamp time = 0;
  };
  std::array<place, slot_count> slots;
  std::map<position, parked_row> parked;
  std::map<std::size_t, error> waiting;  ///< by worker; the reader's has the number of workers
  std::optional<error> stopped;
  bool is_gone = false;  ///< the database has lost it, or put another one in its place

  /// 0 as long as a slot's position is not known.
  position lowest() const;
  timestamp time_of_lowest() const;
};

struct counts {
  std::optional<position> start;
  std::uint64_t applied = 0;
  std::uint64_t passed = 0;
  std::uint64_t parked = 0;
  std::uint64_t failed = 0;
  std::uint64_t retried = 0;
  std::uint64_t skipped = 0;
  histogram batch_duration;
  bool has_been_ready = false;
};

/// Everything in it is guarded by `mutex`; `changed` is notified of every change.
struct board {
  std::mutex mutex;
  std::condition_variable changed;
  progress live;
  std::optional<progress> next;
  std::optional<error> waiting;  ///< of the keeper
  std::optional<error> stopped;  ///< the sink goes on no more
  std::optional<error> rebuild_failed;
  bool rebuild_is_wanted = false;  ///< and has not begun
  bool is_closed = false;
  std::uint64_t history = 0;
  position head = 0;
  timestamp head_time = 0;
  counts counted;

  progress& of(generation which) { return which == generation::live ? live : *next; }

  template <class Change>
  void change(Change&& by) {
    {
      const std::lock_guard lock{mutex};
      by(*this);
    }
    changed.notify_all();
  }
};

sink_status status_of(board& of);
annals::metrics metrics_of(board& of, const target& to);

}  // namespace annals::connectors
