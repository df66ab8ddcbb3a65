// Hands a process manager's instances the records that they are to observe, in log order. One at a time for each
// instance: an observation that got lost is sent again, and must not be overtaken by the next one.
#pragma once

#include "actors/base/environment.hpp"
#include "actors/base/messages.hpp"
#include "actors/base/ports.hpp"
#include "actors/processes/parking.hpp"

#include <deque>
#include <map>
#include <string>
#include <unordered_map>

namespace annals::actors {

class router {
public:
  router(const environment& env, const command_port& commands, const detail::process_table& table, recipient self, parking& parked);

  /// Takes one record of the log; `failed` when it cannot be routed.
  result<void> follow(caf::event_based_actor* self, const record_view& record, std::uint64_t& next_number);
  /// True when the answer was to one of ours. Sets `stop` when the instance cannot observe this.
  bool take(caf::event_based_actor* self, const answer& reply, std::uint64_t& next_number, std::optional<error>& stop);
  /// Sends again what has been without an answer since before `since`.
  void send_again(caf::event_based_actor* self, caf::actor_clock::time_point since, std::uint64_t& next_number);

  /// The observations that are under way or parked, in order.
  std::vector<position> open() const;
  /// Whether it is an observation under way.
  bool has(position at) const { return by_position_.contains(at); }
  /// Whether the instance may be at it right now.
  bool is_trying(position at) const;
  /// After a pause.
  void again(caf::event_based_actor* self, position at, std::uint64_t& next_number);
  /// These records, which the instances are to observe, in order.
  result<void> follow_again(caf::event_based_actor* self, const std::vector<position>& these, std::uint64_t& next_number);
  /// What waits here for instances that stand still waits there.
  std::optional<error> set_aside_parked();
  std::optional<error> set_aside(const std::string& instance);

  /// All up to here is observed or parked, when the log has been followed up to `at`.
  position reached(position at) const;
  /// All up to here is observed.
  position checkpoint(position at) const;
  std::size_t under_way() const { return by_position_.size(); }
  bool is_full() const { return by_position_.size() >= waiting_max; }

private:
  static constexpr std::size_t waiting_max = 4'096;
  struct observation {
    std::string instance;  // stream
    std::string body;      // encoded
    std::string correlation, principal;  // of the record
    std::uint64_t number = 0;
    caf::actor_clock::time_point sent{};
  };
  void send(caf::event_based_actor* self, position at, std::uint64_t& next_number);
  void refuse(caf::event_based_actor* self, std::uint64_t number, error why);
  void fail(caf::event_based_actor* self, position at, const error& why, std::optional<error>& stop);

  const environment* env_;
  const command_port* commands_;
  const detail::process_table* table_;
  recipient self_;  // for answers
  parking* parked_;
  std::map<position, observation> by_position_;
  std::unordered_map<std::string, std::deque<position>> queues_;  // by instance; the first is on its way
  std::unordered_map<std::uint64_t, position> asked_;
};

}  // namespace annals::actors
