// Which instances of a process manager are blocked because one of their inputs keeps failing: a record that they observe, an answer
// to a command, a timer. An input is named by the position of its record. One input blocks the instance, the blocking event; later
// inputs that fail wait for it.
#pragma once

#include "actors/dead_letters/attempts.hpp"
#include "actors/dead_letters/parked_events.hpp"

#include <annals/parked.hpp>
#include <annals/result.hpp>

#include <chrono>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace annals::actors {

class parking {
public:
  explicit parking(const failure_policy& policy) : attempts_(policy) {}

  /// Whether an input that was refused with this code may be parked; otherwise the process manager stops, as for undecodable input.
  static bool is_parkable(errc code);

  struct verdict {
    std::optional<error> stop;
    std::optional<std::chrono::milliseconds> pause;  // try again after this pause
    bool waits = false;                              // an earlier input blocks the instance; with none of the three set, the input is parked
  };
  verdict failed(const std::string& instance, position at, const error& why, timestamp now);
  /// The input was handled, or is not an input any more.
  void passed(position at);
  /// The input is skipped, but its instance does not go on.
  void drop_skipped(position at);

  /// Whether all inputs of the instance wait, except one that is tried by hand.
  bool is_blocked(const std::string& instance) const { return !parked_.of(instance).empty(); }
  bool lets_pass(const std::string& instance, position at) const { return !is_blocked(instance) || by_hand_.contains(at); }
  /// Observations from before the blocking event need not wait for it.
  bool lets_observe(const std::string& instance, position at) const { return lets_pass(instance, at) || at < blocking_event_of(instance); }
  /// Parks an observation that has to wait. An error if too much is parked.
  std::optional<error> hold(const std::string& instance, position at, timestamp now);

  const parked_events& all() const { return parked_; }
  /// Since the last call of bring_up_to_date().
  bool is_changed() const { return !changed_.empty(); }
  /// Does to this copy of the list what was done to the list since the last call.
  void bring_up_to_date(parked_events& copy);
  /// The event that blocks the instance; 0 if none does.
  position blocking_event_of(const std::string& instance) const;
  void try_by_hand(position at) { by_hand_.insert(at); }
  void do_not_try(position at) { by_hand_.erase(at); }
  bool is_tried_by_hand(position at) const { return by_hand_.contains(at); }
  /// A blocking event that an earlier runtime had parked: it is tried once when reading reaches it, as by hand. One for each instance
  /// is enough: other failing inputs will fail again.
  void take_over(parked_event blocking);
  /// Whether the present program assigns this parked event to another instance than the program that parked it.
  bool is_of_another(const std::string& instance, position at) const;
  /// The inputs that are being tried by hand.
  const std::set<position>& all_tried_by_hand() const { return by_hand_; }
  /// The ends of tries by hand, and of blocking events, since the last call.
  struct tried {
    position at = 0;
    std::optional<error> failed;  // nothing: the instance may go on
    std::string instance;
  };
  /// Only grow.
  struct tally {
    std::uint64_t failed = 0;  // attempts
    std::uint64_t parked = 0, retried = 0, skipped = 0;
  };
  const tally& counted() const { return counted_; }
  bool has_tried() const { return !tried_.empty(); }
  std::vector<tried> take_tried() { return std::exchange(tried_, {}); }
  /// Unparks everything of the instance. Returns what waited for the blocking event, in order.
  std::vector<position> release(const std::string& instance);

  /// Skipped: these records are not inputs.
  std::set<position> skipped;

private:
  void put(parked_event one);
  void remove(position at);

  parked_events parked_;
  attempts attempts_;
  std::set<position> by_hand_;
  std::vector<tried> tried_;
  tally counted_;
  std::set<position> changed_;
};

}  // namespace annals::actors
