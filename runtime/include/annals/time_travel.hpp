/// Looking at an aggregate or a read model as it was: runtime::state_of(), runtime::model_at(), store_view::state_of().
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

/// Up to where a stream is folded: all of it, or the last event that is not past what is set.
struct as_of {
  std::optional<annals::version> version = std::nullopt;  ///< of the stream
  std::optional<annals::position> position = std::nullopt;  ///< of the log
  std::optional<timestamp> time = std::nullopt;           ///< microseconds since 1970; events of that time are in

  bool is_now() const { return !version && !position && !time; }
  /// Whether this event of the stream is in.
  bool has(const record_view& record) const {
    return (!version || record.version <= *version) && (!position || record.at <= *position) && (!time || record.time <= *time);
  }
};

/// The state of an aggregate behind one of its events; before the first one all numbers are 0.
template <class A>
struct past_state {
  typename A::state state{};
  annals::version version = 0;
  annals::position at = 0;
  timestamp time = 0;
};

/// The same of a type that is known by its name alone.
struct past_bytes {
  std::string state;  ///< encoded; see folded_state::encoded()
  annals::version version = 0;
  annals::position at = 0;
  timestamp time = 0;
};

/// Which streams a model is built of: all, those with these names, or those that a predicate picks. Named streams are
/// found by the stream index, so the rest of the log is not read.
class stream_choice {
public:
  stream_choice() = default;
  /// Whole names, "category-key". One that nobody wrote to has no events.
  stream_choice(std::vector<std::string> names) : names_(std::move(names)) {}
  /// Called for every record of the log, in the caller's thread.
  template <std::predicate<std::string_view> Picks>
  stream_choice(Picks picks) : picks_(std::move(picks)) {}

  const std::optional<std::vector<std::string>>& names() const { return names_; }
  bool picks(std::string_view stream) const { return !picks_ || picks_(stream); }

private:
  std::optional<std::vector<std::string>> names_;
  std::function<bool(std::string_view)> picks_;
};

/// The model of a projection behind one of the log's records.
template <class P>
struct past_model {
  typename P::model model{};
  annals::position at = 0;
  std::vector<parked_event> left_out;  ///< what P could not apply, in position order; `time` is that of the event
};

}  // namespace annals
