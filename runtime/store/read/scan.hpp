// Reads over a log and an index that trails behind it (or is not there), for those who keep no tail in memory.
#pragma once

#include "store/derived/index.hpp"
#include "store/log/log.hpp"

#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace annals::store {

/// A quick visitor is called in the transaction that reads. One that may take its time, because it belongs to a host or
/// prints, gets copies when the transaction has ended: an old one keeps LMDB from using space again.
enum class visitor_is { quick, slow };

/// Visits the log from `from` to the head as of the call, a part at a time.
result<void> scan(const log& source, position from, const record_visitor& visit, visitor_is how = visitor_is::quick);

/// Visits a stream's records from version `from` on: by the index first, then by following the log behind it.
result<void> scan_stream(const log& source, const index* behind, std::string_view stream, version from,
                         const record_visitor& visit, visitor_is how = visitor_is::quick);

/// Visits the records of these streams in position order, to the head as of the call: by the index first, then by
/// following the log behind it. Keeps eight bytes for each record that the index has of them.
result<void> scan_some(const log& source, const index* behind, std::span<const std::string> streams, const record_visitor& visit);

/// Visits the streams that begin with `prefix`, in byte order, with their newest version; outside of transactions.
result<void> scan_streams(const log& source, const index* behind, std::string_view prefix,
                          const std::function<bool(std::string_view, version)>& visit);

}  // namespace annals::store
