/// Places in the log and in a stream, and the receipt of an accepted command.
#pragma once

#include <annals/result.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace annals {

/// Place in the log: 1, 2, 3 … without gaps. 0 is "before the first".
using position = std::uint64_t;
/// Place in a stream: 1, 2, 3 … without gaps. 0 is "no events yet".
using version = std::uint64_t;
/// Microseconds since 1970-01-01 UTC, without leap seconds. Never decreases along the log: if a record was written while the clock
/// was ahead, later records get the same time until the clock catches up. The runtime logs a warning when the clock is set by more
/// than a second, and when it is behind the last record.
using timestamp = std::int64_t;

/// A place that a reader may wait for, to read its own writes. Small; it may be sent anywhere.
struct token {
  std::uint64_t history = 0;  ///< which history of the log (a restored backup starts a new one); 0: any
  position at = 0;

  friend bool operator==(const token&, const token&) = default;
};

/// A token as text, for a log line, a URL or JSON (whose numbers have only 53 bits): `1.HISTORY.POSITION`. 1 is the version of this
/// form; the history has 16 hex digits; the position is decimal.
std::string to_string(const token& t);
/// Reads a token that to_string() wrote. Errors: undecodable for anything else; for a token of another form it names the version.
result<token> token_of(std::string_view text);

/// The answer to an accepted command. When you hold it, the command's events are durable.
struct receipt {
  annals::version version = 0;  ///< of the stream, after the command's events
  position at = 0;              ///< of the last event; without events the head of the log when the answer was made
  std::uint32_t events = 0;     ///< number of events that the command wrote
  annals::token token = {};

  friend bool operator==(const receipt&, const receipt&) = default;
};

/// The version that a command expects its stream to have; `any` by default.
class expectation {
public:
  constexpr expectation() = default;
  constexpr expectation(version exact) : kind_(kind::exact), version_(exact) {}
  static constexpr expectation any() { return {}; }
  static constexpr expectation none() { return expectation(version{0}); }

  constexpr bool holds(version actual) const { return kind_ == kind::any || version_ == actual; }
  constexpr bool is_any() const { return kind_ == kind::any; }
  constexpr version wanted() const { return version_; }

private:
  enum class kind : std::uint8_t { any, exact };
  kind kind_ = kind::any;
  version version_ = 0;
};

}  // namespace annals
