// The ids and causations of what process managers send, and what nobody else may send.
//
//   id      := 0x01 stream '#' version '#' checksum     of the command_sent record; the checksum in 16 hex digits
//   id of a record of schema 1, by an earlier build := stream '#' version
//
// An id has at most 255 bytes: if the stream is longer, its end is replaced by '~' and a hash of all of it. Ids of hosts never begin
// with 0x01, so a record with such an id is the runtime's own. The checksum makes the ids of two histories of a log differ.
#pragma once

#include <annals/detail/tables.hpp>
#include <annals/record.hpp>
#include <annals/result.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace annals::actors {

/// Whether this can be an id made by id_of_send().
bool is_id_of_a_send(std::string_view id);
std::string id_of_send(std::string_view stream, version v, std::uint64_t checksum);
/// The id as earlier builds made it. Hosts could use the same id.
std::string old_id_of_send(std::string_view stream, version v);
/// Whether the command of this record has an id of the old form.
bool has_old_id(const record_view& command_sent);

/// The causation of a process manager's records, and of the records of its commands: '@' and the position of the record that caused
/// them.
std::string causation_of(position at);

/// Errors: invalid_command for what only the runtime itself may send: an id with the reserved first byte, a command named
/// "annals.*", any command to a process manager.
std::optional<error> reserved_for_runtime(const detail::aggregate_table& to, std::string_view command, std::string_view id);

}  // namespace annals::actors
