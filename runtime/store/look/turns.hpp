// Reads the stream of an instance turn by turn.
#pragma once

#include <annals/detail/process_records.hpp>
#include <annals/hosted_types.hpp>
#include <annals/instances.hpp>
#include <annals/record.hpp>

#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace annals::store {

/// Takes the records of a stream from the first of a turn on. After so many turns it only takes how their commands and timers ended.
class turns {
public:
  turns(const hosted_types& types, std::size_t max) : types_(&types), max_(max) {}

  /// Errors: undecodable, and the like, with the position.
  result<void> take(const record_view& record);

  /// The version of the first turn after the last one; 0 if there is none.
  version next() const { return next_; }
  std::vector<instance_turn>& list() { return list_; }

  /// A command without an answer so far.
  struct unanswered {
    std::size_t turn, item;
    detail::command_sent sent;
    std::string own_id;  // which a command whose id is of the old form may have got since; else empty
  };
  /// By the version of the record.
  const std::map<version, unanswered>& open_commands() const { return commands_; }
  turn_item& item(const unanswered& one) { return list_[one.turn].items[one.item]; }

private:
  void begin_turn(const record_view& record);
  result<void> note(const record_view& record, detail::command_sent what);
  result<void> note(const record_view& record, const detail::command_answered& what);
  result<void> note(const record_view& record, const detail::timer_set& what);
  result<void> note(const record_view& record, const detail::timer_fired& what);
  result<void> note(const record_view& record, const detail::timers_cancelled& what);
  turn_item& add_item(const record_view& record, turn_item::kind what, std::string name, std::string json);
  bool is_listing() const { return next_ == 0; }

  struct place {
    std::size_t turn, item;
  };
  const hosted_types* types_;
  std::size_t max_;
  version next_ = 0;
  std::vector<instance_turn> list_;
  std::map<version, unanswered> commands_;
  std::map<version, place> timers_;  // set, and not ended
};

}  // namespace annals::store
