// The bytes of one record. Only record.cpp knows them; it has the grammar.
#pragma once

#include <annals/record.hpp>
#include <annals/result.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace annals::store {

/// The longest text of an envelope, in bytes. The code that accepts a command checks it; append_record asserts it.
inline constexpr std::size_t text_bytes_max = 255;

/// Appends the record's bytes, unsealed: without time and checksum.
void append_record(std::string& out, const record_view& record);

/// The size in bytes of the first record of `bytes` (unsealed or sealed); 0 if `bytes` holds no whole record, or a newer one.
std::size_t record_bytes(std::string_view bytes);

/// Writes the time and the checksum, which covers the position, into the `bytes` bytes at `record`.
void seal_record(char* record, std::size_t bytes, position at, timestamp time);

/// store_newer if a later program wrote this record: it has a format or flags that are unknown here. Looks at the head only.
std::optional<error> newer_record(position at, std::string_view bytes);

/// The view of a sealed record (exactly its bytes). Errors: corrupt_record if its checksum is not valid at this position; store_newer.
result<record_view> read_record(position at, std::string_view bytes);
/// The same into an existing view, which must not be used after an error: for callers that read many records, since a view is large.
result<void> read_record(position at, std::string_view bytes, record_view& into);

/// The checksum stored in the record. It identifies the record at a position.
std::uint64_t record_checksum(std::string_view bytes);

}  // namespace annals::store
