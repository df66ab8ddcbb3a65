/// Looking at an aggregate as it was: runtime::state_of().
#pragma once

#include <annals/receipt.hpp>

#include <optional>

namespace annals {

/// Up to where a stream is folded: all of it, or the last event that is not past what is set.
struct as_of {
  std::optional<annals::version> version = std::nullopt;  ///< of the stream
  std::optional<annals::position> position = std::nullopt;  ///< of the log
  std::optional<timestamp> time = std::nullopt;           ///< microseconds since 1970; events of that time are in
};

/// The state of an aggregate behind one of its events; before the first one all numbers are 0.
template <class A>
struct past_state {
  typename A::state state{};
  annals::version version = 0;
  annals::position at = 0;
  timestamp time = 0;
};

}  // namespace annals
