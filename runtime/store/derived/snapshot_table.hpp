// Snapshots of streams: states of aggregates, so that loading one need not read its whole stream.
#pragma once

#include <annals/receipt.hpp>
#include <annals/result.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace annals::store {

/// The state of an aggregate after the record of this version.
struct snapshot {
  std::string stream;
  annals::version version = 0;
  position at = 0;             ///< of that record
  std::uint64_t checksum = 0;  ///< of that record
  std::uint64_t shape = 0;     ///< of the state and the events it is folded from: detail::shape_of_state()
  std::string state;
};

/// One thread calls write_snapshots(); the others may be called from any.
class snapshot_table {
public:
  virtual ~snapshot_table() = default;

  /// Writes the snapshots in one transaction, and keeps the newest `kept` of each stream. On an error nothing changes, and the
  /// caller may try again.
  virtual result<void> write_snapshots(std::span<const snapshot> taken, std::size_t kept) = 0;

  /// The newest snapshot of the stream at or before this version. A damaged one is `corrupt_record` with its version, not a
  /// position, as the place; the caller may then ask for an older one.
  virtual result<std::optional<snapshot>> snapshot_of(std::string_view stream, version newest) const = 0;

  /// Visits all snapshots, sorted by stream and version; damaged ones come without state.
  virtual result<void> snapshots(const std::function<bool(const snapshot&)>& visit) const = 0;
};

}  // namespace annals::store
