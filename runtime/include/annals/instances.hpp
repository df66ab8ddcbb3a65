/// Instances of process managers, as an operator looks at them: view::count_instances(), view::instances(), view::instance().
#pragma once

#include <annals/describe.hpp>
#include <annals/parked.hpp>
#include <annals/receipt.hpp>
#include <annals/record.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace annals {

/// Where an instance stands. If more than one is true, the first.
enum class instance_state : std::uint8_t {
  stuck,          ///< one of its inputs is parked, so that it does not go on
  held,           ///< a command that it sent is held: see held_command. Only the view of a runtime knows; elsewhere it is open_commands
  open_commands,  ///< a command that it sent has no answer yet
  waiting,        ///< one of its timers is set
  running,        ///< an event answers its command, and no stored checkpoint says yet that it was observed (see follower_stats)
  ended,          ///< nothing is under way: only another event, which it observes, would make it go on
};
constexpr auto labels_of(instance_state) {
  return std::to_array<std::string_view>({"stuck", "held", "open_commands", "waiting", "running", "ended"});
}

/// How many instances of a process manager are in each state.
struct instance_counts {
  std::uint64_t stuck = 0;
  std::optional<std::uint64_t> held = std::nullopt;  ///< empty: not known to this view
  std::uint64_t open_commands = 0;
  std::uint64_t waiting = 0;
  std::uint64_t running = 0;
  std::uint64_t ended = 0;
  position at = 0;    ///< as of this position
  position head = 0;  ///< the readable head; if it is after `at`, the call has read as much as it may, and the next one goes on there
  static constexpr auto about =
      annals::describe<&instance_counts::stuck, &instance_counts::held, &instance_counts::open_commands, &instance_counts::waiting,
                       &instance_counts::running, &instance_counts::ended, &instance_counts::at, &instance_counts::head>("instance_counts", 1);
};

/// A command of an instance without an answer.
struct open_command {
  version sent = 0;  ///< of the record that sent it
  timestamp time = 0;
  std::string to;  ///< the target's stream
  std::string command;
  static constexpr auto about =
      annals::describe<&open_command::sent, &open_command::time, &open_command::to, &open_command::command>("open_command", 1);
};

/// A command of an instance that the runtime holds: it is sent after a later start of a runtime that hosts its target, or can load it.
struct held_command {
  version sent = 0;  ///< of the record that sent it
  std::string to;    ///< the target's stream
  std::string command;
  std::string why;
  static constexpr auto about =
      annals::describe<&held_command::sent, &held_command::to, &held_command::command, &held_command::why>("held_command", 1);
};

/// A timer of an instance that has neither fired nor been cancelled.
struct open_timer {
  version set = 0;  ///< of the record that set it
  std::string timer;
  timestamp due = 0;
  static constexpr auto about = annals::describe<&open_timer::set, &open_timer::timer, &open_timer::due>("open_timer", 1);
};

struct process_instance_info {
  std::string stream;  ///< "category-key"
  instance_state state = instance_state::ended;
  timestamp began = 0;  ///< time of its first record
  // Of its newest record; 0 and empty, if it is stuck at its first input:
  version newest = 0;
  position at = 0;
  timestamp changed = 0;
  std::string type;
  std::string last_event;     ///< the stored name of the newest event of its type; empty if it has none among its newest 1,000 records
  std::uint64_t refused = 0;  ///< refusals of its commands among its newest 1,000 records
  std::uint64_t open_commands = 0;
  std::vector<open_command> commands;               ///< of these, the first 20, oldest first
  std::optional<held_command> held = std::nullopt;  ///< the oldest of these that is held
  std::uint64_t open_timers = 0;
  std::vector<open_timer> timers;      ///< of these, the first 20 to be due
  std::optional<parked_event> parked;  ///< the first input that is parked, for a stuck one
  static constexpr auto about =
      annals::describe<&process_instance_info::stream, &process_instance_info::state, &process_instance_info::began, &process_instance_info::newest,
                       &process_instance_info::at, &process_instance_info::changed, &process_instance_info::type, &process_instance_info::last_event,
                       &process_instance_info::refused, &process_instance_info::open_commands, &process_instance_info::commands,
                       &process_instance_info::held, &process_instance_info::open_timers, &process_instance_info::timers,
                       &process_instance_info::parked>("process_instance", 1);
};

/// Which instances to list: of one process manager, in byte order of their names.
struct instance_query {
  std::string category;
  std::optional<instance_state> state = std::nullopt;  ///< not set: all
  std::string after = {};                              ///< stream of the instance after which the page begins
  std::size_t max = 50;                                ///< 1 to 1,000
};

struct instance_page {
  std::vector<process_instance_info> instances;
  std::optional<std::string> next;  ///< `after` of the call that continues this one; a page may have less than `max`, or none, and a next one
  position at = 0;                  ///< as in instance_counts
  position head = 0;
};

/// What made an instance act.
enum class turn_cause : std::uint8_t {
  observed,  ///< an event of another stream
  answered,  ///< an answer to its command that left no event in the target's stream
  timer,     ///< one of its timers
};
constexpr auto labels_of(turn_cause) { return std::to_array<std::string_view>({"observed", "answered", "timer"}); }

/// The answer to a command of an instance.
struct command_answer {
  bool accepted = false;
  std::string code;    ///< of a refusal
  std::string detail;  ///< of a refusal
  position at = 0;     ///< of the record that has the answer: the target's first event, or the instance's record that it was answered
  timestamp time = 0;
  version target_version = 0;  ///< of that event; 0 if the command left none
  std::string type;            ///< of that event; empty if the command left none
  static constexpr auto about = annals::describe<&command_answer::accepted, &command_answer::code, &command_answer::detail, &command_answer::at,
                                                 &command_answer::time, &command_answer::target_version, &command_answer::type>("command_answer", 1);
};

/// How a timer ended.
struct timer_end {
  bool fired = false;  ///< false: it was cancelled
  version by = 0;      ///< of the instance's record that says so
  timestamp time = 0;
  static constexpr auto about = annals::describe<&timer_end::fired, &timer_end::by, &timer_end::time>("timer_end", 1);
};

/// One thing that an instance did in a turn.
struct turn_item {
  enum class kind : std::uint8_t {
    event,          ///< an own event
    command,        ///< sent a command
    timer,          ///< set a timer
    cancel_timers,  ///< cancelled its open timers of this name
  };
  kind what = kind::event;
  annals::version version = 0;
  position at = 0;
  std::string name;                                     ///< stored name of the event, the command or the timer
  std::string json;                                     ///< the event, the command or the timer, as one line of JSON; empty for cancel_timers
  std::string to = {};                                  ///< of a command: the target's stream
  std::string id = {};                                  ///< of a command: its id. It begins with the byte 0x01, unless an earlier build sent it
  timestamp due = 0;                                    ///< of a timer
  std::optional<command_answer> answer = std::nullopt;  ///< of a command; nothing: it is open, or see instance_history::unsearched
  std::optional<timer_end> end = std::nullopt;          ///< of a timer; nothing: it is set
};
constexpr auto labels_of(turn_item::kind) { return std::to_array<std::string_view>({"event", "command", "timer", "cancel_timers"}); }

/// What one input made an instance do. An input that it did nothing about leaves no turn.
struct instance_turn {
  annals::version version = 0;  ///< of its first record
  position at = 0;
  timestamp time = 0;
  std::string correlation;
  turn_cause cause = turn_cause::observed;
  position cause_at = 0;          ///< of the record that was observed, or that sent the command, or that set the timer; 0: not known
  std::string cause_stream = {};  ///< of that record; for `answered` the target's
  annals::version cause_version = 0;
  std::string cause_type = {};  ///< of that record; for `answered` the command, for `timer` the timer
  timestamp cause_time = 0;
  timestamp due = 0;                                    ///< for `timer`, when it was due
  std::optional<command_answer> answer = std::nullopt;  ///< for `answered`
  std::vector<turn_item> items;
};

/// One instance and a part of what it did, oldest first.
struct instance_history {
  process_instance_info now;
  std::vector<instance_turn> turns;
  std::optional<version> next;   ///< `from` of the call that continues this one
  std::uint64_t unsearched = 0;  ///< commands whose answer was not found among the next 10,000 records of their targets
};

/// The record that sent a command, by the command's id.
struct sent_by {
  std::string stream;
  annals::version version = 0;
};
/// The id of the command that this record sent; nothing if it is no record of a process manager that sends one.
std::optional<std::string> id_of_sent_command(const record_view& record);
/// Nothing if no process manager made this id, or an earlier build did, or the stream's name is too long to be in it.
std::optional<sent_by> sender_of(std::string_view command_id);
/// The position in a causation that the runtime wrote, "@POSITION"; nothing if it is another text.
std::optional<position> position_in(std::string_view causation);

}  // namespace annals
