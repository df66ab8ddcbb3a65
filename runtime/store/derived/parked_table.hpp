// Copies of the lists of parked events, for readers outside the runtime and for the next start.
#pragma once

#include <annals/parked.hpp>
#include <annals/result.hpp>

#include <functional>
#include <span>
#include <string_view>

namespace annals::store {

/// One thread calls write_parked(); parked() may be called from any.
class parked_table {
public:
  virtual ~parked_table() = default;

  /// Replaces the list of events that a projection or a process manager has parked. On an error nothing changes.
  virtual result<void> write_parked(std::string_view name, std::span<const parked_event> all) = 0;

  /// Visits what write_parked() has written, sorted by name and position. The views are valid only during the call.
  virtual result<void> parked(const std::function<bool(std::string_view name, const parked_event&)>& visit) const = 0;
};

}  // namespace annals::store
