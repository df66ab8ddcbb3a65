/// Past states and models: runtime::state_of(), runtime::model_at(), store_view::state_of().
#pragma once

#include <annals/parked.hpp>
#include <annals/receipt.hpp>
#include <annals/record.hpp>

#include <concepts>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace annals {

/// How far to fold a stream: up to its end, or up to the last event within all limits that are set.
struct as_of {
  std::optional<annals::version> version = std::nullopt;    ///< of the stream
  std::optional<annals::position> position = std::nullopt;  ///< of the log
  std::optional<timestamp> time = std::nullopt;             ///< microseconds since 1970 UTC; events of that time are included

  bool is_now() const { return !version && !position && !time; }
  /// True if this event of the stream is included.
  bool has(const record_view& record) const {
    return (!version || record.version <= *version) && (!position || record.at <= *position) && (!time || record.time <= *time);
  }
};

/// The state of an aggregate after one of its events. Before the first event all numbers are 0.
template <class A>
struct past_state {
  typename A::state state{};
  annals::version version = 0;
  annals::position at = 0;
  timestamp time = 0;
};

/// The same, encoded, for a caller that does not know the C++ type.
struct past_bytes {
  std::string state;  ///< encoded; see folded_state::encoded()
  annals::version version = 0;
  annals::position at = 0;
  timestamp time = 0;
};

/// The streams from which a model is built: all, those with given names, or those that a predicate picks. With names, only those streams
/// are read, through the stream index.
class stream_choice {
public:
  stream_choice() = default;
  /// Whole names, "category-key". A stream that does not exist has no events.
  stream_choice(std::vector<std::string> names) : names_(std::move(names)) {}
  /// `picks` is called with the stream of every record of the log, in the caller's thread.
  template <std::predicate<std::string_view> Picks>
  stream_choice(Picks picks) : picks_(std::move(picks)) {}

  const std::optional<std::vector<std::string>>& names() const { return names_; }
  bool has_predicate() const { return picks_ != nullptr; }
  bool picks(std::string_view stream) const { return !picks_ || picks_(stream); }

private:
  std::optional<std::vector<std::string>> names_;
  std::function<bool(std::string_view)> picks_;
};

/// The model of a projection after one of the log's records.
template <class P>
struct past_model {
  typename P::model model{};
  annals::position at = 0;
  std::vector<parked_event> left_out;  ///< what P could not apply, in position order; `time` is the event's
};

}  // namespace annals
