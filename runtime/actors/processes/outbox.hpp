// The commands that a process manager's streams say are to be sent, until they are answered; and what the instances are told of answers
// that left no event. A fold over the log: a restart builds it again. No actor: it takes records and answers, and returns what is to be
// sent.
//
//   queued ──▶ ready ──▶ asked ──▶ closed, by the record that the command has left
//     │          ▲         │ ├────▶ telling the instance ──▶ closed
//     │          └─────────┘ └────▶ held: nobody here can handle it, until another start
//     for those before it to the same target: one attempt at a time for each instance and target
#pragma once

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

  /// Any record of the log: one with the id of a command closes it.
  void follow(const record_view& record);
  /// The records of the process manager's own streams.
  void follow(const record_view& record, detail::command_sent what);
  void follow(const record_view& record, const detail::command_answered& what);

  /// The log has been followed up to the head of the start: commands may be sent. Those open now count as sent before.
  void begin();
  /// The next message to send; nothing if there is none now.
  std::optional<outgoing> next(time_point now);
  /// The answer to one of ours; `now` stamps what is parked.
  consequence answered(const answer& reply, timestamp now);
  /// What has been without an answer since before `since` is sent again.
  void resend(time_point since);
  /// The pause of this input is over, or somebody wants it tried again.
  void again(position at);
  /// The instance is no longer blocked: what waited for it.
  void resume(const std::string& instance);
  /// It was decided that this is no input at all.
  void skip(position at) { close(at); }

  /// The records of the open commands, in position order.
  std::vector<position> open() const;
  bool has(position at) const { return sends_.contains(at); }
  /// Whether an instance may be handling it right now.
  bool is_trying(position at) const;
  /// Commands that are not answered yet; without those that wait for blocked instances, or for another start.
  std::size_t under_way() const;
  bool is_full() const { return sends_.size() >= open_max; }
  /// Commands that this runtime cannot handle: they wait for one that hosts their target.
  std::size_t held() const { return held_.size(); }
  /// Timers wait until what was open at the start is answered, except for blocked instances and for what is held.
  bool is_sending_again() const;
  /// What people are to be told, since this was asked last.
  std::vector<error> take_reports() { return std::exchange(reports_, {}); }

private:
  static constexpr std::size_t open_max = 8'192;
  static constexpr std::size_t asked_max = 1'024;

  enum class step : std::uint8_t { queued, ready, asked, telling, waiting_to_tell, held };
  struct open_send {
    explicit open_send(const record_view& record) : sent(record.version), checksum(record.checksum), from(record) {}
    const std::string* instance = nullptr;  // its name in the index
    version sent;                           // of the record
    std::uint64_t checksum;                 // of the record
    detail::command_sent what;
    provenance from;
    std::string id;
    std::uint64_t lane = 0;   // of instance and target
    bool has_old_id = false;  // as earlier builds made them: a host may have used it
    step now = step::queued;
    std::uint64_t number = 0;  // of the newest request
    std::string told;          // the encoded answer, while telling
  };

  void close(position at);
  /// A host has used its old id, so it gets one that hosts cannot use.
  void give_own_id(position at, open_send& send);
  void make_ready(position at, open_send& send);
  std::optional<outgoing> attempt(position at, time_point now);
  outgoing telling(position at, open_send& send, time_point now);
  consequence heard(position at, const answer& reply);
  void hold(position at, open_send& send, error why);
  void tell(position at, open_send& send);
  /// It, or what has to be answered before it, is held.
  bool waits_for_host(const open_send& send) const;
  void report(error why) { reports_.push_back(std::move(why)); }

  const detail::process_table* table_;
  find_table find_;
  recipient self_;
  parking* parked_;
  std::map<position, open_send> sends_;
  instance_index instances_;
  std::unordered_map<std::uint64_t, position> by_id_;               // by the id's hash
  std::unordered_map<std::uint64_t, std::deque<position>> lanes_;  // the first is the one to be sent
  std::set<position> ready_;
  std::deque<position> to_tell_;
  std::set<position> held_;
  std::set<position> from_before_;  // the start, and still open
  std::set<std::string> reported_;  // why something is held
  std::vector<error> reports_;
  std::size_t old_ids_ = 0;
  requests attempts_{requests::kind::attempt};
  requests tellings_{requests::kind::telling};
  bool begun_ = false;
  std::string causation_;  // of the message that was returned last
};

}  // namespace annals::actors
