// The stream index: which positions a stream's versions have. Derived: it can be deleted, and trails the log.
// Also keeps the checkpoints of those who follow the log. One contract for lmdb_index and memory_index.
#pragma once

#include <annals/receipt.hpp>
#include <annals/result.hpp>

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace annals::store {

/// Positions of consecutive versions of one stream, from `first` on. Refers to what belongs to the caller.
struct stream_run {
  std::string_view stream;
  version first = 1;
  std::span<const position> positions;
};

struct named_checkpoint {
  std::string name;
  position at = 0;
};

/// The position something derived is true for, and the checksum of the record there (0 at position 0).
struct derived_mark {
  position at = 0;
  std::uint64_t checksum = 0;
};

/// flush() belongs to one thread; the others may be called from any.
class index {
public:
  virtual ~index() = default;

  /// Up to where the index is written.
  virtual derived_mark mark() const = 0;

  /// Writes runs (sorted by stream, then first version) and checkpoints, and moves the mark, in one transaction.
  /// On an error nothing is changed, and the same flush may be tried again.
  virtual result<void> flush(std::span<const stream_run> runs, std::span<const named_checkpoint> checkpoints,
                             derived_mark mark) = 0;

  /// Appends to `out` the positions of versions `from`, `from`+1 … of the stream, at most `max`.
  virtual result<void> positions(std::string_view stream, version from, std::size_t max,
                                 std::vector<position>& out) const = 0;

  /// Visits the indexed streams that begin with `prefix`, in byte order, with their last indexed version.
  virtual result<void> streams(std::string_view prefix,
                               const std::function<bool(std::string_view, version)>& visit) const = 0;

  /// 0 when there is none.
  virtual position checkpoint(std::string_view name) const = 0;
};

}  // namespace annals::store
