// What the instances of a process manager wait for, as its streams say: commands without an answer, and timers. A fold over the log, which
// begins with the process manager's newest image and reads on with each call.
#pragma once

#include "store/look/parts.hpp"
#include "store/read/send_ids.hpp"

#include <annals/detail/process_records.hpp>
#include <annals/detail/tables.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace annals::store {

/// A command without an answer, or a timer that is set.
struct open_input {
  std::string instance;
  annals::version version = 0;  // of its record
  timestamp time = 0;           // of its record
  bool is_timer = false;
  detail::command_sent command{};
  std::string id{};      // of the command
  std::string own_id{};  // which a command whose id is of the old form may have got since
  std::string timer{};
  timestamp due = 0;
};

/// For one thread at a time.
class open_work {
public:
  struct of_instance {
    std::set<position> commands, timers;
    position answered_at = 0;  // an event that answers a command, and that the process manager may not have observed yet
  };

  open_work(std::string category, std::vector<std::string_view> observed) : category_(std::move(category)), observed_(std::move(observed)) {}

  /// Reads on to the head, at most so many records. The process manager has observed everything up to `observed`.
  result<void> read_on(const looked_at& in, std::uint64_t records_max, position observed);

  /// It is as of this position.
  position at() const { return at_; }
  /// All instances that have begun.
  std::uint64_t instances() const { return instances_; }
  /// Those that wait for something.
  const std::map<std::string, of_instance, std::less<>>& waiting() const { return waiting_; }
  const open_input& input(position at) const { return inputs_.at(at); }

private:
  result<void> begin(const looked_at& in);
  result<void> count_instances(const looked_at& in);
  result<void> follow(const record_view& record);
  result<void> follow_own(const record_view& record);
  void note(const record_view& record, detail::command_sent what);
  void note(const record_view& record, const detail::timer_set& what);
  void note(const record_view& record, const detail::command_answered& what) { close(find(record.stream, what.sent)); }
  void note(const record_view& record, const detail::timer_fired& what) { close(find(record.stream, what.set)); }
  void note(const record_view& record, const detail::timers_cancelled& what);
  /// The open input of this instance whose record has this version; 0 if there is none.
  position find(std::string_view instance, version of) const;
  void close(position at);
  void forget_if_idle(std::string_view instance);

  std::string category_;
  std::vector<std::string_view> observed_;
  bool begun_ = false;
  position at_ = 0;
  position counted_to_ = 0;  // instances that began up to here are counted
  std::uint64_t instances_ = 0;
  std::map<position, open_input> inputs_;
  std::map<std::string, of_instance, std::less<>> waiting_;
  struct hash_of_id {
    using is_transparent = void;
    std::size_t operator()(std::string_view id) const { return std::hash<std::string_view>{}(id); }
  };
  std::unordered_map<std::string, position, hash_of_id, std::equal_to<>> by_id_;
};

}  // namespace annals::store
