// What the log's control table holds about a subscription (store/log/subscription_table.hpp). Changes are collected here, and
// sent to the drainer together.
#pragma once

#include "actors/dead_letters/lanes.hpp"
#include "actors/subscriptions/settled_positions.hpp"
#include "store/log/log.hpp"

#include <annals/subscription.hpp>

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace annals::actors {

class subscription_ledger {
public:
  /// Reads it from the table; is_new() if the table has nothing. Errors: undecodable, naming the key.
  static result<subscription_ledger> read(const store::log& from, const std::string& name);

  bool is_new() const { return is_new_; }
  /// Forgets everything, and begins after this position.
  void begin_after(position low);

  const settled_positions& settled() const { return settled_; }
  void settle(position at);
  /// The filter passed over this event: it is settled, but not worth a write of its own.
  void pass_over(position at) { settled_.add(at); }

  /// The parked events, by stream.
  const lanes& parked() const { return parked_; }
  /// Parks an event, which settles it, too. Replaces one that is already parked.
  void park(const parked_event& what);
  void unpark(position at);
  /// When the oldest entry was parked; 0 if nothing is parked.
  timestamp oldest_parked() const { return by_time_.empty() ? 0 : by_time_.begin()->first; }

  /// Whether there are changes worth a write: a decision, or a checkpoint far ahead of the one written.
  bool has_changes() const { return changed_ || settled_.low() >= written_ + passed_over_max; }
  std::size_t change_count() const { return entries_.size(); }
  /// The control entries of all changes since the last call.
  std::vector<store::control_entry> take_changes();

private:
  void add_parked(const parked_event& what);

  static constexpr position passed_over_max = 10'000;

  std::string name_;
  settled_positions settled_;
  lanes parked_;
  std::map<position, timestamp> parked_at_;
  std::set<std::pair<timestamp, position>> by_time_;
  std::map<std::string, std::string> entries_;  // changes since the last take_changes(), without the checkpoint
  position written_ = 0;                        // the value of low() at the last write
  bool changed_ = false;
  bool is_new_ = true;
};

}  // namespace annals::actors
