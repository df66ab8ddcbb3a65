// The timers that are set in a process manager's streams, until they fire. A fold over the log: a restart builds it again. Not an
// actor: it takes records, times and answers, and returns the messages to send.
//
//   set ──▶ due, as of a head ──▶ queued ──▶ firing ──▶ dropped
//                                   ▲          ├──▶ failed: again after a pause, or by hand
//                                   └──────────┘
#pragma once

#include "actors/base/clock_offset.hpp"
#include "actors/base/tracing.hpp"
#include "actors/processes/consequence.hpp"
#include "actors/processes/instance_index.hpp"
#include "actors/processes/parking.hpp"
#include "actors/processes/provenance.hpp"
#include "actors/processes/requests.hpp"

#include <annals/detail/process_records.hpp>
#include <annals/detail/process_table.hpp>

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace annals::actors {

class timers {
public:
  using time_point = requests::time_point;

  /// `self` gets the answers.
  timers(const detail::process_table& table, recipient self, parking& parked) : table_(&table), self_(self), parked_(&parked) {}

  /// Makes spans there of timers that fire.
  void trace_to(const tracing& all) { tracing_ = &all; }

  /// The records of the process manager's own streams. `now` may be set by hand; `steady` cannot, and is in microseconds.
  void follow(const record_view& record, detail::timer_set what, timestamp now, timestamp steady);
  void follow(const record_view& record, const detail::timer_fired& what);
  void follow(const record_view& record, const detail::timers_cancelled& what);

  /// When the next timer is due, by the steady clock; nothing if there is none. Leaves out timers that tick() has already found due, and
  /// those of blocked instances.
  std::optional<timestamp> next_due() const;
  /// Rule 4: finds the timers that are due by the steady clock. A due timer fires when everything up to `head`, the head at that
  /// moment, has been observed and nothing that was open at the start is still being sent again. So a timer never overtakes an answer
  /// that was there before it. `observed`: everything up to here has been observed.
  void tick(timestamp steady, position observed, position head, bool is_sending_again);
  /// The next message to send; nothing if there is none now.
  std::optional<outgoing> next(time_point now);
  /// Handles the answer to a message of this part. Parked events get the time `now`.
  consequence answered(const answer& reply, timestamp now);
  /// Sends again what was sent before `since` and has no answer.
  void resend(time_point since);
  /// Tries this input again: its pause is over, or a host wants a retry.
  void again(position at);
  /// The instance is no longer blocked: its timers may fire again.
  void resume(const std::string& instance);
  /// This record is skipped: it is not an input.
  void skip(position at) { drop(at); }

  /// How late the timers were that have fired since the last call, in microseconds.
  std::vector<timestamp> take_lateness() { return std::exchange(late_, {}); }
  std::size_t size() const { return timers_.size(); }

  /// The records of the set timers, in position order.
  std::vector<position> open() const;
  bool has(position at) const { return timers_.contains(at); }
  /// Whether an instance may be handling this input right now.
  bool is_trying(position at) const;
  std::size_t under_way() const { return firing_.size() + to_fire_.size(); }

private:
  enum class step : std::uint8_t { set, queued, firing, failed };
  struct open_timer {
    explicit open_timer(const record_view& record) : set(record.version), from(record) {}
    const std::string* instance = nullptr;  // its name in instances_
    version set;                            // of the record
    detail::timer_set what;
    provenance from;
    timestamp due = 0;                 // by the steady clock, which cannot be set while a delay passes
    std::optional<position> due_head;  // the head when the timer was found due
    step now = step::set;
    std::uint64_t number = 0;  // of the newest request
    std::string body;          // of the newest message
    open_span span;            // the same
  };
  void fire(position at, open_timer& timer);
  outgoing message_for(position at, open_timer& timer, time_point now);
  void drop(position at);

  const detail::process_table* table_;
  recipient self_;
  parking* parked_;
  const tracing* tracing_ = nullptr;
  std::map<position, open_timer> timers_;
  instance_index instances_;
  std::set<std::pair<timestamp, position>> due_;
  std::deque<position> to_fire_;
  requests firing_{requests::kind::timer};
  clock_offset clock_{10'000};
  std::vector<timestamp> late_;
  std::string causation_;  // of the message that was returned last
};

}  // namespace annals::actors
