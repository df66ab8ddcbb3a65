// One record's bytes: the only place that knows them is record.cpp, where the grammar is.
#pragma once

#include <annals/record.hpp>
#include <annals/result.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace annals::store {

/// Longest texts of an envelope, in bytes. Checked by who accepts a command; append_record asserts them.
inline constexpr std::size_t text_bytes_max = 255;

/// Appends the record's bytes, unsealed: without position, time and checksum.
void append_record(std::string& out, const record_view& record);

/// How many bytes the first record of `bytes` has (unsealed or sealed); 0 when `bytes` holds no whole record.
std::size_t record_bytes(std::string_view bytes);

/// Writes the time and the checksum, which covers the position, into the `bytes` bytes at `record`.
void seal_record(char* record, std::size_t bytes, position at, timestamp time);

/// The view of a sealed record (exactly its bytes) whose checksum holds at this position; else corrupt_record.
result<record_view> read_record(position at, std::string_view bytes);
/// The same into one that is there, and no more to be used after an error: for who reads many, since a view is large.
result<void> read_record(position at, std::string_view bytes, record_view& into);

/// The checksum that the record carries. Identifies what stands at a position.
std::uint64_t record_checksum(std::string_view bytes);

}  // namespace annals::store
