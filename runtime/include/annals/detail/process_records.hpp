// The runtime's records in a process manager's streams, and the messages to an instance. Their stored names begin with "annals.". The
// structs are stored, so they follow the rules for schemas.
#pragma once

#include <annals/aggregate.hpp>
#include <annals/codec.hpp>
#include <annals/describe.hpp>
#include <annals/receipt.hpp>

#include <string>

namespace annals::detail {

/// Stored: a command to send until it is answered. Its command id is made from this record; store/read/send_ids.hpp says how,
/// and why the schema is 2. This record's envelope holds the correlation and principal of the command.
struct command_sent {
  std::string to;       // the target stream
  std::string command;  // stored name of the command
  encoded_value body;
  static constexpr auto about = describe<&command_sent::to, &command_sent::command, &command_sent::body>("annals.command_sent", 2);
};

/// Stored: the command sent by the record of version `sent` was answered, and left no event in the target's stream.
struct command_answered {
  version sent = 0;
  bool accepted = false;
  std::string code;  // of the rejection
  std::string detail;
  static constexpr auto about = describe<&command_answered::sent, &command_answered::accepted, &command_answered::code, &command_answered::detail>(
      "annals.command_answered", 1);
};

/// Stored: a timer was set; it is due at `due`.
struct timer_set {
  std::string timer;  // stored name of the timer
  timestamp due = 0;
  encoded_value body;
  static constexpr auto about = describe<&timer_set::timer, &timer_set::due, &timer_set::body>("annals.timer_set", 1);
};

/// Stored: all open timers of this name were cancelled.
struct timers_cancelled {
  std::string timer;
  static constexpr auto about = describe<&timers_cancelled::timer>("annals.timers_cancelled", 1);
};

/// Stored: the timer set by the record of version `set` fired.
struct timer_fired {
  version set = 0;
  static constexpr auto about = describe<&timer_fired::set>("annals.timer_fired", 1);
};

using process_records = types<command_sent, command_answered, timer_set, timers_cancelled, timer_fired>;

/// To an instance: a record of another stream to observe.
struct observe {
  position at = 0;
  std::string stream;
  std::string type;
  std::uint16_t schema = 1;
  std::string payload;  // msgpack; typed as text because it is only passed on
  static constexpr auto about = describe<&observe::at, &observe::stream, &observe::type, &observe::schema, &observe::payload>("annals.observe", 1);
};

/// To an instance: the answer to a command that it sent, if that left no event in the target's stream.
struct take_answer {
  version sent = 0;
  std::string to;
  std::string command;
  std::string body;  // msgpack, typed as text
  bool accepted = false;
  std::string code;
  std::string detail;
  static constexpr auto about = describe<&take_answer::sent, &take_answer::to, &take_answer::command, &take_answer::body, &take_answer::accepted,
                                         &take_answer::code, &take_answer::detail>("annals.take_answer", 1);
};

/// To an instance: one of its timers is due.
struct fire_timer {
  version set = 0;
  std::string timer;
  std::string body;  // msgpack, typed as text
  static constexpr auto about = describe<&fire_timer::set, &fire_timer::timer, &fire_timer::body>("annals.fire_timer", 1);
};

}  // namespace annals::detail
