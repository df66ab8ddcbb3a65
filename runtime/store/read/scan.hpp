// Reads over a log and an index that lags behind it (or is missing), for readers that keep no tail in memory.
#pragma once

#include "store/derived/stream_index.hpp"
#include "store/log/log.hpp"

#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace annals::store {

/// A quick visitor is called inside the read transaction. A slow one belongs to a host, or prints: it gets copies after the
/// transaction has ended, because an old transaction keeps LMDB from reusing space.
enum class visitor_is { quick, slow };

/// Visits the log from `from` to the head at the time of the call, in parts.
result<void> scan(const log& source, position from, const record_visitor& visit, visitor_is how = visitor_is::quick);

/// Visits a stream's records from version `from` on: first by the index, then by scanning the log after the index's mark.
result<void> scan_stream(const log& source, const stream_index* index, std::string_view stream, version from, const record_visitor& visit,
                         visitor_is how = visitor_is::quick);

/// Visits the records of these streams in position order, up to the head at the time of the call: first by the index, then by
/// scanning the log after the index's mark. Needs 8 bytes of memory for each of their records in the index.
result<void> scan_some(const log& source, const stream_index* index, std::span<const std::string> streams, const record_visitor& visit);

/// Visits the streams that begin with `prefix` and come after `after`, in byte order, with their newest version; no transaction is open
/// during a visit.
result<void> scan_streams(const log& source, const stream_index* index, std::string_view prefix,
                          const std::function<bool(std::string_view, version)>& visit, std::string_view after = {});

}  // namespace annals::store
