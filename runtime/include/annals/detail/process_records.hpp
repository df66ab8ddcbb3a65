// The runtime's records in a process manager's streams, and the messages to an instance. Their stored names begin with "annals.". The
// structs are stored, so they follow the rules for schemas.
#pragma once

#include <annals/aggregate.hpp>
#include <annals/codec.hpp>
#include <annals/describe.hpp>
#include <annals/receipt.hpp>

#include <string>

namespace annals::detail {

/// Stored: a command to send until it is answered. Its command id is made from this record; actors/processes/command_ids.hpp says how,
/// and why the schema is 2. This record's envelope holds the correlation and principal of the command.
struct command_sent {
  std::string to;       // the target stream
  std::string command;  // stored name of the command
  encoded_value body;
  static constexpr auto about = describe("annals.command_sent", 2, field{"to", &command_sent::to},
                                         field{"command", &command_sent::command}, field{"body", &command_sent::body});
};

/// Stored: the command sent by the record of version `sent` was answered, and left no event in the target's stream.
struct command_answered {
  version sent = 0;
  bool accepted = false;
  std::string code;  // of the rejection
  std::string detail;
  static constexpr auto about =
      describe("annals.command_answered", 1, field{"sent", &command_answered::sent},
               field{"accepted", &command_answered::accepted}, field{"code", &command_answered::code},
               field{"detail", &command_answered::detail});
};

/// Stored: a timer was set; it is due at `due`.
struct timer_set {
  std::string timer;  // stored name of the timer
  timestamp due = 0;
  encoded_value body;
  static constexpr auto about = describe("annals.timer_set", 1, field{"timer", &timer_set::timer},
                                         field{"due", &timer_set::due}, field{"body", &timer_set::body});
};

/// Stored: all open timers of this name were cancelled.
struct timers_cancelled {
  std::string timer;
  static constexpr auto about = describe("annals.timers_cancelled", 1, field{"timer", &timers_cancelled::timer});
};

/// Stored: the timer set by the record of version `set` fired.
struct timer_fired {
  version set = 0;
  static constexpr auto about = describe("annals.timer_fired", 1, field{"set", &timer_fired::set});
};

using process_records = types<command_sent, command_answered, timer_set, timers_cancelled, timer_fired>;

/// To an instance: a record of another stream to observe.
struct observe {
  position at = 0;
  std::string stream;
  std::string type;
  std::uint16_t schema = 1;
  std::string payload;  // msgpack; typed as text because it is only passed on
  static constexpr auto about =
      describe("annals.observe", 1, field{"at", &observe::at}, field{"stream", &observe::stream},
               field{"type", &observe::type}, field{"schema", &observe::schema}, field{"payload", &observe::payload});
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
  static constexpr auto about =
      describe("annals.take_answer", 1, field{"sent", &take_answer::sent}, field{"to", &take_answer::to},
               field{"command", &take_answer::command}, field{"body", &take_answer::body},
               field{"accepted", &take_answer::accepted}, field{"code", &take_answer::code},
               field{"detail", &take_answer::detail});
};

/// To an instance: one of its timers is due.
struct fire_timer {
  version set = 0;
  std::string timer;
  std::string body;  // msgpack, typed as text
  static constexpr auto about = describe("annals.fire_timer", 1, field{"set", &fire_timer::set},
                                         field{"timer", &fire_timer::timer}, field{"body", &fire_timer::body});
};

}  // namespace annals::detail
