// What of a subscription stands in the log's control table (store/log/subscription_table.hpp). Changes are collected here, and go
// to the drainer together.
#pragma once

#include "actors/subscriptions/settled_positions.hpp"
#include "store/log/log.hpp"

#include <annals/subscription.hpp>

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace annals::actors {

class subscription_ledger {
public:
  /// As the table has it; is_new() when it has nothing. Errors: undecodable, naming the key.
  static result<subscription_ledger> read(const store::log& from, const std::string& name);

  bool is_new() const { return is_new_; }
  /// Forgets everything, and begins behind this position.
  void begin_behind(position low);

  const settled_positions& settled() const { return settled_; }
  void settle(position at);
  /// Passed over by the filter: settled, and not worth a write of its own.
  void pass_over(position at) { settled_.add(at); }

  std::size_t parked_count() const { return parked_.size(); }
  bool is_parked(position at) const { return parked_.contains(at); }
  const std::string& stream_of(position parked) const { return parked_.at(parked); }
  /// The positions parked of this stream; null when there are none.
  const std::set<position>* parked_of(const std::string& stream) const;
  /// Sets it aside: it is settled, too. One that is parked already is replaced.
  void park(const parked_event& what);
  void unpark(position at);

  /// What is worth a write: somebody decided something, or it is far ahead of what was written.
  bool has_changes() const { return changed_ || settled_.low() >= written_ + passed_over_max; }
  std::size_t change_count() const { return entries_.size(); }
  /// The entries of all changes since the last time.
  std::vector<store::control_entry> take_changes();

private:
  static constexpr position passed_over_max = 10'000;

  std::string name_;
  settled_positions settled_;
  std::map<position, std::string> parked_;  // → stream
  std::unordered_map<std::string, std::set<position>> by_stream_;
  std::map<std::string, std::string> entries_;  // changed, but for the checkpoint
  position written_ = 0;  // low, as written
  bool changed_ = false;
  bool is_new_ = true;
};

}  // namespace annals::actors
