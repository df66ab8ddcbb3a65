// The ids and causations of what process managers send.
//
//   id      := 0x01 stream '#' version '#' checksum     of the command_sent record; the checksum in 16 hex digits
//   id of a record of schema 1, by an earlier build := stream '#' version
//   causation := '@' position                           of the record that caused it
//
// An id has at most 255 bytes: if the stream is longer, its end is replaced by '~' and a hash of all of it. Ids of hosts never begin
// with 0x01, so a record with such an id is the runtime's own. The checksum makes the ids of two histories of a log differ.
#pragma once

#include <annals/detail/process_records.hpp>
#include <annals/record.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace annals::store {

/// Whether this can be an id made by id_of_send().
bool is_id_of_a_send(std::string_view id);
std::string id_of_send(std::string_view stream, version v, std::uint64_t checksum);
/// The id as earlier builds made it. Hosts could use the same id.
std::string old_id_of_send(std::string_view stream, version v);
/// Whether the command of this record has an id of the old form.
bool has_old_id(const record_view& command_sent);
/// The id of this record's command.
std::string id_of_command(const record_view& command_sent);

/// The causation of a process manager's records, and of the records of its commands.
std::string causation_of(position at);

/// Hash of a command's name and body, as records have it.
std::uint64_t fingerprint_of(std::string_view name, std::string_view body);
/// Whether a record with the command's id was written by this command. Hosts could use ids of the old form.
bool is_written_by(const detail::command_sent& what, const record_view& record);

}  // namespace annals::store
