// The stream index: maps the versions of each stream to positions of the log, up to its mark.
#pragma once

#include "store/derived/derived_mark.hpp"

#include <annals/receipt.hpp>
#include <annals/result.hpp>

#include <cstddef>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

namespace annals::store {

/// Positions of consecutive versions of one stream, from `first` on. The views refer to memory of the caller.
struct stream_run {
  std::string_view stream;
  version first = 1;
  std::span<const position> positions;
};

/// If the index is damaged or incomplete, lookups fail with store_failed (store/derived/index_damage.hpp); they never return
/// fewer entries than were written. Thread-safe.
class stream_index {
public:
  virtual ~stream_index() = default;

  /// How far the index is written. Cannot fail: 0 if it cannot be read.
  virtual derived_mark mark() const = 0;

  /// Notes that the index contradicts the log, as `why` says: the next start rebuilds it.
  virtual void note_damage(const error& why) const { (void)why; }

  /// Appends to `out` the positions of the stream's versions `from`, `from`+1 …, at most `max`.
  virtual result<void> positions(std::string_view stream, version from, std::size_t max, std::vector<position>& out) const = 0;

  /// Visits the indexed streams that begin with `prefix` and come after `after`, in byte order, with their last indexed
  /// version, in one transaction.
  virtual result<void> streams(std::string_view prefix, std::string_view after,
                               const std::function<bool(std::string_view, version)>& visit) const = 0;

  /// Visits all runs from this version of this stream on, including those of later streams, sorted by stream and version, in
  /// one transaction. The runs of a stream follow each other without gap or overlap.
  virtual result<void> runs(std::string_view stream, version from, const std::function<bool(const stream_run&)>& visit) const = 0;
};

}  // namespace annals::store
