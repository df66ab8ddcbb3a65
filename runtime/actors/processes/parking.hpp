// Which instances of a process manager stand still because one of their inputs keeps failing: a record that they observe, an
// answer to what they have sent, a timer. An input is named by the position of the record that says it. An instance stands still
// for one of them, its cause, and what fails behind that waits.
#pragma once

#include "actors/follow/parked_events.hpp"

#include <annals/parked.hpp>
#include <annals/result.hpp>

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace annals::actors {

class parking {
public:
  explicit parking(const failure_policy& policy) : policy_(policy) {}

  /// Whether an input that is refused so may be parked; otherwise the process manager stops, as when it cannot be decoded.
  static bool is_parkable(errc code);

  struct verdict {
    std::optional<error> stop;
    std::optional<std::chrono::milliseconds> pause;  // then again
    bool waits = false;  // the instance stands still for another one; none of these: it is parked now
  };
  verdict failed(const std::string& instance, position at, const error& why, timestamp now);
  /// It was taken, or is no input any more.
  void passed(position at);
  /// It is skipped, and its instance does not go on.
  void leave_out(position at);

  /// Everything for this instance waits, but the one that is tried again by hand.
  bool holds(const std::string& instance) const { return parked_.first_of(instance); }
  bool lets_pass(const std::string& instance, position at) const;
  /// What an instance was to observe before it came to its cause is no part of what waits.
  bool lets_observe(const std::string& instance, position at) const { return lets_pass(instance, at) || at < cause_of(instance); }
  /// An observation that has to wait; an error when there are too many.
  std::optional<error> hold(const std::string& instance, position at, timestamp now);

  const parked_events& all() const { return parked_; }
  /// Since this was asked last.
  bool is_changed() const { return shown_ != parked_.version(); }
  bool changed() { return std::exchange(shown_, parked_.version()) != parked_.version(); }
  /// What the instance stands still for; 0 when it does not.
  position cause_of(const std::string& instance) const;
  void try_by_hand(position at) { by_hand_.insert(at); }
  void do_not_try(position at) { by_hand_.erase(at); }
  bool is_tried_by_hand(position at) const { return by_hand_.contains(at); }
  /// A cause that an earlier runtime has parked: tried once when it comes, as by hand. One of an instance is enough: what else
  /// failed comes again.
  void take_over(parked_event cause);
  /// Whether the program has another instance for what is parked there than it had.
  bool is_of_another(const std::string& instance, position at) const;
  /// Those that are tried by hand.
  const std::set<position>& all_tried_by_hand() const { return by_hand_; }
  /// How tries by hand, and causes, have ended since this was asked last.
  struct tried {
    position at = 0;
    std::optional<error> failed;  // nothing: the instance may go on
    std::string instance;
  };
  std::vector<tried> take_tried() { return std::exchange(tried_, {}); }
  /// Takes out all of the instance, and gives what waited behind its cause, in order.
  std::vector<position> release(const std::string& instance);

  /// Decided: not inputs at all.
  std::set<position> skipped;

private:
  failure_policy policy_;
  parked_events parked_;
  std::map<position, std::uint32_t> attempts_;
  std::set<position> by_hand_;
  std::vector<tried> tried_;
  std::uint64_t shown_ = 0;
};

}  // namespace annals::actors
