// What a process manager's instances are to observe, in log order. Each instance gets one observation at a time: a lost one is sent
// again, and the next must not overtake it. Not an actor: it takes records and answers, and returns the messages to send.
#pragma once

#include "actors/base/tracing.hpp"
#include "actors/processes/consequence.hpp"
#include "actors/processes/parking.hpp"
#include "actors/processes/requests.hpp"

#include <annals/detail/process_table.hpp>

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace annals::actors {

class inbound {
public:
  using time_point = requests::time_point;

  /// `self` gets the answers.
  inbound(const detail::process_table& table, recipient self, parking& parked) : table_(&table), self_(self), parked_(&parked) {}

  /// Makes spans there of what it observes.
  void trace_to(const tracing& all) { tracing_ = &all; }

  /// Takes one record of the log. Parked events get the time `now`. Errors: the record has no readable key, or too much is parked.
  result<void> follow(const record_view& record, timestamp now);
  /// The same for a record that it has taken before, or that an earlier runtime has: it is not counted.
  result<void> follow_again(const record_view& record, timestamp now) { return follow(record, now, true); }
  /// What became of the records. Only grows.
  struct tally {
    std::uint64_t applied = 0, passed = 0, parked = 0;
  };
  const tally& counted() const { return counted_; }
  /// How far that is, once the log has been followed up to `at`. Observations that are not counted play no part.
  struct progress {
    position done = 0;                   // everything up to here has an outcome
    std::uint64_t ahead = 0;             // records after it that have one, too
    std::optional<timestamp> next_open;  // the time of the first record without one
  };
  progress done(position at) const;
  /// The next observation to send; nothing if there is none now.
  std::optional<outgoing> next(time_point now);
  /// Handles the answer to an observation. Parked events get the time `now`.
  consequence answered(const answer& reply, timestamp now);
  /// Sends observations again that were sent before `since` and have no answer.
  void resend(time_point since);
  /// The pause of this input is over: tries it again.
  void again(position at);

  /// The observations under way and all parked events, in position order.
  std::vector<position> open() const;
  /// Whether an observation of this record is under way.
  bool has(position at) const { return by_position_.contains(at); }
  /// Whether an instance may be handling it right now.
  bool is_trying(position at) const;
  /// Parks the observations that wait for blocked instances. An error if too much is parked.
  std::optional<error> set_aside_parked(timestamp now);
  std::optional<error> set_aside(const std::string& instance, timestamp now);

  /// Everything up to here is observed or parked, once the log has been followed up to `at`.
  position reached(position at) const { return by_position_.empty() ? at : by_position_.begin()->first - 1; }
  /// Everything up to here is observed, once the log has been followed up to `at`.
  position checkpoint(position at) const;
  std::size_t under_way() const { return by_position_.size(); }
  bool is_full() const { return by_position_.size() >= waiting_max; }

private:
  static constexpr std::size_t waiting_max = 4'096;
  enum class step : std::uint8_t {
    waiting,  // for earlier ones, or for a pause
    queued,   // to be sent by next()
    asked,
  };
  struct observation {
    std::string instance;                // its stream
    std::string body;                    // encoded
    std::string correlation, principal;  // of the record
    trace_context trace;                 // the same
    timestamp time = 0;                  // the same
    open_span span;                      // of the newest request
    step now = step::waiting;
    std::uint64_t number = 0;  // of the newest request
    bool is_counted = false;
  };
  result<void> follow(const record_view& record, timestamp now, bool is_counted);
  void send(position at);
  outgoing message_for(position at, observation& one, time_point now);
  consequence failed(position at, const error& why, timestamp now);

  const detail::process_table* table_;
  recipient self_;
  parking* parked_;
  const tracing* tracing_ = nullptr;
  std::map<position, observation> by_position_;
  std::size_t counted_before_ = 0;                                // observations among these that are counted already
  std::unordered_map<std::string, std::deque<position>> queues_;  // by instance; the first of a queue is under way
  std::deque<position> to_send_;
  tally counted_;
  requests asked_{requests::kind::observation};
  std::string causation_;  // of the message that was returned last
};

}  // namespace annals::actors
