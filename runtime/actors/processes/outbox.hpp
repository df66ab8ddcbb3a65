// The commands that a process manager's streams say to send, until they are answered. The outbox also tells the instances
// the answers that left no event. A fold over the log: a restart builds it again. Not an actor: it takes records and answers, and
// returns the messages to send.
//
//   queued ──▶ ready ──▶ asked ──▶ closed, by the record that the command has written
//     │          ▲         │ ├────▶ telling the instance ──▶ closed
//     │          └─────────┘ └────▶ held: nobody here can handle it, until the next start
//     until earlier ones to the same target are closed: one attempt at a time for each instance and target
#pragma once

#include "actors/base/tracing.hpp"
#include "actors/processes/consequence.hpp"
#include "actors/processes/instance_index.hpp"
#include "actors/processes/parking.hpp"
#include "actors/processes/provenance.hpp"
#include "actors/processes/requests.hpp"

#include <annals/detail/process_records.hpp>
#include <annals/detail/process_table.hpp>

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

namespace annals::actors {

/// Finds the table of a hosted category; null if the category is not hosted here.
using find_table = std::function<const detail::aggregate_table*(std::string_view category)>;

class outbox {
public:
  using time_point = requests::time_point;

  /// `self` gets the answers.
  outbox(const detail::process_table& table, find_table find, recipient self, parking& parked)
      : table_(&table), find_(std::move(find)), self_(self), parked_(&parked) {}

  /// Makes spans there of what it sends.
  void trace_to(const tracing& all) { tracing_ = &all; }

  /// Any record of the log: a record with the id of a command closes that command.
  void follow(const record_view& record);
  /// The records of the process manager's own streams.
  void follow(const record_view& record, detail::command_sent what);
  void follow(const record_view& record, const detail::command_answered& what);

  /// The log has been followed up to the head of the start: commands may be sent. Those open now count as sent before.
  void begin();
  /// The process manager has stopped: no command is sent any more. Instances are still told of answers.
  void end() { ended_ = true; }
  /// The next message to send; nothing if there is none now.
  std::optional<outgoing> next(time_point now);
  std::size_t size() const { return sends_.size(); }
  /// Handles the answer to a message of this part. Parked events get the time `now`.
  consequence answered(const answer& reply, timestamp now);
  /// Sends again what was sent before `since` and has no answer.
  void resend(time_point since);
  /// Tries this input again: its pause is over, or a host wants a retry.
  void again(position at);
  /// The instance is no longer blocked: continues with the answers that waited for that.
  void resume(const std::string& instance);
  /// This record is skipped: it is not an input.
  void skip(position at) { close(at); }

  /// The records of the open commands, in position order.
  std::vector<position> open() const;
  bool has(position at) const { return sends_.contains(at); }
  /// Whether an instance may be handling this input right now.
  bool is_trying(position at) const;
  /// Commands without an answer, except those that wait for blocked instances, or are held until the next start.
  std::size_t under_way() const;
  bool is_full() const { return sends_.size() >= open_max; }
  /// Commands that this runtime cannot handle. They wait for a runtime that hosts their target.
  const std::map<position, std::string>& held() const { return held_; }  // with the reason
  /// Changes with every change of these.
  std::uint64_t held_version() const { return held_version_; }
  /// Whether commands that were open at the start are still being sent again. Timers wait for them, but not for blocked instances and
  /// held commands.
  bool is_sending_again() const;
  /// The errors to report to the host, since the last call.
  std::vector<error> take_reports() { return std::exchange(reports_, {}); }

private:
  static constexpr std::size_t open_max = 8'192;
  static constexpr std::size_t asked_max = 1'024;

  enum class step : std::uint8_t { queued, ready, asked, telling, waiting_to_tell, held };
  struct open_send {
    explicit open_send(const record_view& record) : sent(record.version), checksum(record.checksum), from(record) {}
    const std::string* instance = nullptr;  // its name in instances_
    version sent;                           // of the record
    std::uint64_t checksum;                 // of the record
    detail::command_sent what;
    provenance from;
    std::string id;
    std::uint64_t lane = 0;   // a hash of instance and target
    bool has_old_id = false;  // an id as earlier builds made it: a host may have used the same
    step now = step::queued;
    std::uint64_t number = 0;    // of the newest request
    std::string encoded_answer;  // while telling
    open_span span;              // of the newest request
  };

  void close(position at);
  void begin_span(open_send& send, command& cmd, span_kind kind, std::string_view doing, std::string_view what);
  void close_span(open_send& send, const answer& reply);
  /// A host has used the old id, so the command gets an id that hosts cannot use.
  void give_own_id(position at, open_send& send);
  void make_ready(position at, open_send& send);
  std::optional<outgoing> attempt(position at, time_point now);
  outgoing telling(position at, open_send& send, time_point now);
  consequence heard(position at, const answer& reply);
  void hold(position at, open_send& send, error why);
  void tell(position at, open_send& send);
  /// Whether this command, or the one that has to be answered before it, is held.
  bool waits_for_host(const open_send& send) const;
  void report(error why) { reports_.push_back(std::move(why)); }

  const detail::process_table* table_;
  find_table find_;
  recipient self_;
  parking* parked_;
  const tracing* tracing_ = nullptr;
  std::map<position, open_send> sends_;
  instance_index instances_;
  std::unordered_map<std::uint64_t, position> by_id_;              // by the id's hash
  std::unordered_map<std::uint64_t, std::deque<position>> lanes_;  // only the first of a lane is sent
  std::set<position> ready_;
  std::deque<position> to_tell_;
  std::map<position, std::string> held_;
  std::uint64_t held_version_ = 0;
  std::set<position> from_before_;  // open since before the start
  std::set<std::string> reported_;  // the reasons for holding that were reported
  std::vector<error> reports_;
  std::size_t old_ids_ = 0;
  requests attempts_{requests::kind::attempt};
  requests tellings_{requests::kind::telling};
  bool begun_ = false;
  bool ended_ = false;
  std::string causation_;  // of the message that was returned last
};

}  // namespace annals::actors
