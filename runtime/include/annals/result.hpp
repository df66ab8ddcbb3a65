/// What can go wrong, and the type that carries it: result<T> is a value or an error.
/// Nothing in annals throws across the public API but value(), * and -> of an error, and error() of a value, as std::expected
/// does; what a host's own callback throws may pass to its caller.
#pragma once

#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace annals {

/// Why something was refused or failed. The numbers are wire format: they never change and are never reused.
enum class errc : std::uint16_t {
  // The command was handled, and this is its answer.
  rejected = 1,         ///< the domain said no; `reason` and `detail` are the domain's
  conflict = 2,         ///< the expected version was wrong; `actual_version` is the stream's
  id_reused = 3,        ///< this command id was used before with another body
  invalid_command = 4,  ///< unknown command, or a body that does not decode
  invalid_stream = 5,   ///< a key that is empty, too long or has control characters
  too_large = 6,        ///< an event or a command's events are over the limit
  decide_failed = 7,    ///< `decide` threw; the state is unchanged
  evolve_failed = 8,    ///< `evolve` threw; the aggregate is loaded again
  load_failed = 9,      ///< the stream could not be loaded; `detail` names the place

  // The command was not handled, or nobody can know.
  overloaded = 20,    ///< too much in flight; try again later
  storage_full = 21,  ///< the disk or the map is full; goes on by itself when there is space
  not_written = 22,   ///< closed before it could be written: certainly without effect
  unknown = 23,       ///< may or may not have had its effect; asking again with the same id is safe
  closed = 24,        ///< the runtime is closed: certainly without effect

  // Reading.
  not_ready = 40,           ///< the read model has not caught up; `place` says how far it is
  timed_out = 41,           ///< the token was not reached in time; `place` says how far the model is
  projection_failed = 42,   ///< the projection stopped at `place`
  history_differs = 43,     ///< the token belongs to another history of this log
  unknown_event_type = 44,  ///< a record's type is not among the aggregate's events
  newer_schema = 45,        ///< a record was written by a newer schema than this program knows
  undecodable = 46,         ///< bytes that are not what their type says
  not_hosted = 47,          ///< this runtime hosts no such aggregate, projection or process manager
  not_found = 48,           ///< nothing under this name
  not_deterministic = 49,   ///< replaying the log gives another state behind the event at `place`
  subscription_stopped = 50,  ///< it hands nothing out until the event at `place` is retried or skipped
  parked = 51,                ///< the model is past the token, but without the event at `place`, which is parked

  // The store.
  store_missing = 60,     ///< no such directory, or no store in it
  store_foreign = 61,     ///< not a store of ours, another store's id, or an empty or truncated file
  store_locked = 62,      ///< another process writes here; `detail` has its pid
  store_failed = 63,      ///< the disk or LMDB failed; the runtime has stopped
  store_newer = 64,       ///< written by a newer format than this program knows
  derived_ahead = 65,     ///< derived state knows positions that the log has lost
  corrupt_record = 66,    ///< a record's checksum, position or version is wrong at `place`
  store_unsupported = 67, ///< a file system or machine that cannot keep the promises

  // The host's own mistakes.
  bad_option = 80,   ///< an option out of its range
  misuse = 81,       ///< a call in the wrong order, or from where it would deadlock
  bad_type = 82,     ///< a type cannot be hosted (a name twice, say)
  no_threads = 83,   ///< no thread could be started: the limit of processes, or of the container's pids, is reached
};

/// The name of a code, as it is written above; stable.
std::string_view to_string(errc code);

/// What went wrong. Owns its texts.
struct error {
  errc code;
  std::string reason = {};           ///< for `rejected`: the domain's code; otherwise one short line
  std::string detail = {};           ///< names the thing and the place
  std::uint64_t actual_version = 0;  ///< for `conflict`
  std::uint64_t place = 0;           ///< a log position, where one is meant

  /// One line for people: code, reason, detail.
  std::string message() const;

  friend bool operator==(const error&, const error&) = default;
};

/// Thrown by a result that is asked for what it does not have.
class bad_result_access final : public std::exception {
public:
  explicit bad_result_access(annals::error why);
  /// The error's message().
  const char* what() const noexcept override { return held_->message.c_str(); }
  /// The error that was there instead of a value; `misuse` when error() was asked of a value.
  const annals::error& error() const noexcept { return held_->why; }

private:
  struct held {
    annals::error why;
    std::string message;
  };
  std::shared_ptr<const held> held_;  // copying an exception must not throw
};

/// A value or an error. Asking for the one that is not there throws bad_result_access.
template <class T>
class [[nodiscard]] result {
public:
  result(T value) : held_(std::in_place_index<0>, std::move(value)) {}
  result(annals::error e) : held_(std::in_place_index<1>, std::move(e)) {}

  bool has_value() const noexcept { return held_.index() == 0; }
  explicit operator bool() const noexcept { return has_value(); }

  T& value() & { return check(true), std::get<0>(held_); }
  const T& value() const& { return check(true), std::get<0>(held_); }
  /// By value, so that `for (auto& each : call().value())` goes over something that lives.
  T value() && { return check(true), std::get<0>(std::move(held_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  const annals::error& error() const& { return check(false), std::get<1>(held_); }
  annals::error error() && { return check(false), std::get<1>(std::move(held_)); }

private:
  void check(bool wants_value) const;
  std::variant<T, annals::error> held_;
};

/// Success without a value, or an error.
template <>
class [[nodiscard]] result<void> {
public:
  result() = default;
  result(annals::error e) : error_(std::move(e)) {}

  bool has_value() const noexcept { return !error_; }
  explicit operator bool() const noexcept { return has_value(); }
  void value() const;
  const annals::error& error() const&;
  annals::error error() &&;

private:
  std::optional<annals::error> error_;
};

namespace detail {
/// Throws std::logic_error: for broken invariants, which no caller can mend. Where an actor meets one, the runtime stops.
[[noreturn]] void broken(std::string_view what);
[[noreturn]] void no_value(annals::error instead);
[[noreturn]] void no_error();
}  // namespace detail

template <class T>
void result<T>::check(bool wants_value) const {
  if (has_value() == wants_value) return;
  if (wants_value) detail::no_value(std::get<1>(held_));
  detail::no_error();
}

}  // namespace annals
