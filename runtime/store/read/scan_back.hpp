// Reads newest first, in parts: the log, and one stream.
#pragma once

#include "store/log/log.hpp"
#include "store/read/stream_places.hpp"

#include <string_view>

namespace annals::store {

/// Visits the records from `from`, or from the readable head if that is before it, down to position 1. The visitor gets copies; no
/// transaction is open during a visit. An error comes after the records that are newer than the damaged one.
result<void> scan_back(const log& source, position from, const record_visitor& visit);

/// The same for the versions of a stream, by their places. Visits nothing if there are none.
result<void> scan_stream_back(const log& source, const stream_places& places, std::string_view stream, version from, const record_visitor& visit);
/// And oldest first: for a reader that has the places anyway.
result<void> scan_stream_on(const log& source, const stream_places& places, std::string_view stream, version from, const record_visitor& visit);

}  // namespace annals::store
