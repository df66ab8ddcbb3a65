// Sends what a process manager's streams say: commands until they are answered, timers when they are due.
// Its state is a fold over the log; a restart builds it again.
#pragma once

#include "actors/base/clock_offset.hpp"
#include "actors/base/environment.hpp"
#include "actors/base/messages.hpp"
#include "actors/base/ports.hpp"
#include "actors/processes/parking.hpp"

#include <annals/detail/process_records.hpp>

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>

namespace annals::actors {

/// Finds the table of a hosted category; null when it is not hosted here.
using find_table = std::function<const detail::aggregate_table*(std::string_view category)>;

class dispatcher {
public:
  dispatcher(const environment& env, const command_port& commands, const detail::process_table& table, find_table find,
             recipient self, parking& parked);

  /// Takes one record of the log into account.
  result<void> follow(const record_view& record);
  /// Sends what may be sent. The first call, at the head, counts what was open already as sent again.
  void dispatch(caf::event_based_actor* self, std::uint64_t& next_number);
  /// True when the answer was to one of ours. Sets `stop` when an instance cannot take its answer or its timer.
  bool take(caf::event_based_actor* self, const answer& reply, std::uint64_t& next_number, std::optional<error>& stop);
  void send_again(caf::event_based_actor* self, caf::actor_clock::time_point since, std::uint64_t& next_number);

  /// The records of what is open: sends and timers, in order.
  std::vector<position> open() const;
  /// Whether it is an input of this dispatcher's: the record of a send or of a timer.
  bool has(position at) const { return sends_.contains(at) || timers_.contains(at); }
  /// Whether an instance may be at it right now.
  bool is_trying(position at) const;
  /// An input, after a pause or by hand.
  void again(caf::event_based_actor* self, position at, std::uint64_t& next_number);
  /// The instance goes on: what waited for it.
  void resume(caf::event_based_actor* self, const std::string& instance, std::uint64_t& next_number);
  /// Decided: no input at all.
  void skip(position at);

  /// When the next timer is due that has not been found due, by the steady clock; nothing when there is none.
  std::optional<timestamp> next_due() const;
  /// Fires what is due by the steady clock. `observed` is how far the router is, `readable` the head of this moment.
  void fire(caf::event_based_actor* self, timestamp now, position observed, position readable,
            std::uint64_t& next_number);

  /// Commands that are not answered yet, and timers that are firing; without what waits for instances that stand still, or for
  /// another start.
  std::size_t under_way() const;
  bool is_full() const { return sends_.size() >= open_max; }
  /// Commands that cannot be handled by this runtime: they wait for one that hosts their target.
  std::size_t held() const { return held_; }

private:
  static constexpr std::size_t open_max = 8'192;
  static constexpr std::size_t asked_max = 1'024;
  static constexpr auto timer_failed = ~std::uint64_t{0};  // its number

  enum class step : std::uint8_t { queued, ready, asked, telling, held };
  /// To whom something belongs, on whose behalf it is, and what caused it.
  struct provenance {
    std::string correlation, principal, causation;
    explicit provenance(const record_view& r) : correlation(r.correlation), principal(r.principal), causation(r.causation) {}
    provenance() = default;
  };
  struct open_send {
    std::string instance;
    version sent = 0;  // of the record
    std::uint64_t checksum = 0;
    detail::command_sent what;
    provenance from;
    std::string id;
    bool has_old_id = false;  // which a host may have used
    step now = step::queued;
    std::uint64_t number = 0;
    caf::actor_clock::time_point since{};
    std::string told;  // encoded take_answer, while telling
    bool again = false;  // open already when this runtime started
  };
  struct open_timer {
    std::string instance;
    version set = 0;
    detail::timer_set what;
    provenance from;
    timestamp due = 0;  // by the steady clock: nobody sets it while a delay passes
    std::optional<position> due_head;  // the readable head when it was found due
    std::uint64_t number = 0;
    caf::actor_clock::time_point since{};
  };
  using lane = std::pair<std::string, std::string>;  // instance and target: one attempt at a time, in order

  void follow(const record_view& record, detail::command_sent what);
  void follow(const record_view& record, const detail::command_answered& what);
  void follow(const record_view& record, detail::timer_set what);
  void follow(const record_view& record, const detail::timer_fired& what);
  void follow(const record_view& record, const detail::timers_cancelled& what);
  void add(position at, open_send send);
  void close(position at);
  /// A host has used its old id, so it gets one that hosts cannot use.
  void give_own_id(position at);
  void ask(caf::event_based_actor* self, position at, std::uint64_t& next_number);
  /// Nothing that its target has decided: it waits for another start. Said once for each reason.
  void hold(position at, const error& why);
  /// It, or what has to be answered before it, is held.
  bool waits_for_host(const open_send& send) const;
  void tell(caf::event_based_actor* self, position at, std::uint64_t& next_number);
  void heard(caf::event_based_actor* self, position at, const answer& reply, std::uint64_t& next_number);
  /// What it is told comes from the record at this position.
  void send_to_instance(const std::string& instance, std::string_view name, const std::string& body, position at, const provenance& from,
                        std::uint64_t number);
  void fire_one(caf::event_based_actor* self, position at, std::uint64_t& next_number);
  void drop_timer(position at);
  bool is_sending_again() const;
  /// False when it waits, as the instance stands still for another input.
  bool fail(caf::event_based_actor* self, const std::string& instance, position at, const error& why, std::optional<error>& stop);

  const environment* env_;
  const command_port* commands_;
  const detail::process_table* table_;
  find_table find_;
  recipient self_;  // for answers
  parking* parked_;
  std::map<position, open_send> sends_;
  std::unordered_map<std::string, position> by_id_;
  std::map<std::pair<std::string, version>, position> at_version_;  // of sends and timers
  std::map<lane, std::deque<position>> lanes_;
  std::set<position> ready_;
  std::unordered_map<std::uint64_t, position> asked_;  // attempts and tellings
  std::size_t attempts_ = 0;
  std::size_t held_ = 0;
  std::set<std::string> told_;  // why sends are held
  std::size_t again_ = 0;  // sends of before this runtime that are still open
  bool started_ = false;

  clock_offset clock_{10'000};
  std::map<position, open_timer> timers_;
  std::set<std::pair<timestamp, position>> due_;
  std::unordered_map<std::uint64_t, position> firing_;
};

}  // namespace annals::actors
