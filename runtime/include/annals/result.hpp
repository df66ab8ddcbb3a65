/// Error codes, and result<T>, which is a value or an error.
/// The runtime's interface does not throw; only value(), * and -> of a result with an error, and error() of a result with a value,
/// throw bad_result_access. Exceptions that your own callback throws may propagate to you.
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

/// Why something was refused or failed. The numbers never change and are never reused.
enum class errc : std::uint16_t {
  // The command was handled, and this is the answer.
  rejected = 1,         ///< the domain refused; `reason` and `detail` come from the domain
  conflict = 2,         ///< another version was expected; `actual_version` is the stream's version
  id_reused = 3,        ///< the command id was used before with another command or body
  invalid_command = 4,  ///< unknown command, undecodable body, reserved name or id, or a text over 255 bytes
  invalid_stream = 5,   ///< a key that is empty, too long or has control characters
  too_large = 6,        ///< the command, one of its events or all of them exceed the limit; across nodes an answer may, too
  decide_failed = 7,    ///< `decide` threw (in process managers also `key`, `on` or `rejected`); the state is unchanged
  evolve_failed = 8,    ///< `evolve` threw; the aggregate is loaded again
  load_failed = 9,      ///< the stream could not be loaded; `detail` and `place` say where

  // The command was not handled, or its outcome is not known.
  overloaded = 20,    ///< too much in flight, here or on the other node, or the stream index cannot be written; try again later
  storage_full = 21,  ///< the disk or the map is full; the runtime continues by itself once there is space
  not_written = 22,   ///< closed before the command was written, or never sent to the other node: it had no effect
  unknown = 23,       ///< it may or may not have taken effect; sending it again with the same id is safe
  closed = 24,        ///< the runtime or the handle is closed, and nothing was written; or this object was moved from

  // Reading.
  not_ready = 40,             ///< the read model has not caught up; `place` is its position
  timed_out = 41,             ///< the model did not reach the token in time, and `place` is its position; or another node did not answer
  projection_failed = 42,     ///< the projection or process manager stopped at `place`, or `answer` threw
  history_differs = 43,       ///< the token belongs to another history of this log
  unknown_event_type = 44,    ///< the program does not know the type of the record at `place`
  newer_schema = 45,          ///< the record at `place` has a newer schema than this program knows
  undecodable = 46,           ///< the bytes are not what their type says
  not_hosted = 47,            ///< this runtime hosts no such aggregate, projection or process manager
  not_found = 48,             ///< nothing has this name or position
  not_deterministic = 49,     ///< replaying the log gave another state after the event at `place`
  subscription_stopped = 50,  ///< the subscription hands out no events until the one at `place` is retried or skipped
  parked = 51,                ///< the model is past the token, but without the event at `place`, which is parked

  // The store.
  store_missing = 60,      ///< the directory does not exist, cannot be used, or has no store in it
  store_foreign = 61,      ///< not an annals store, a file of another store, or an empty or truncated file
  store_locked = 62,       ///< another process has the store open for writing; `detail` has its pid, or says that the lock file was removed
  store_failed = 63,       ///< the disk or LMDB failed; if the log did, the runtime has stopped
  store_newer = 64,        ///< written in a newer format than this program knows
  derived_ahead = 65,      ///< derived state knows positions that the log has lost
  corrupt_record = 66,     ///< the checksum, position or version of the record at `place` is wrong
  store_unsupported = 67,  ///< a file system or machine that cannot keep the promises

  // Mistakes of the host.
  bad_option = 80,  ///< an option out of its range
  misuse = 81,      ///< a call in the wrong order, or where it would deadlock
  bad_type = 82,    ///< a type that cannot be hosted (a name used twice, say)
  no_threads = 83,  ///< no thread could be started: a limit on processes or on the container's pids is reached

  // Across nodes.
  forbidden = 90,    ///< the peer lacks the right, or could not prove its name
  not_owner = 91,    ///< another node owns the store, and `detail` has its address
  unreachable = 92,  ///< no connection to the other node
};

/// The name of a code, as written above. Stable.
std::string_view to_string(errc code);

/// An error: what went wrong, and where. Owns its texts.
struct error {
  errc code;
  std::string reason = {};           ///< for `rejected` the domain's code; otherwise one short line
  std::string detail = {};           ///< what is affected, and where
  std::uint64_t actual_version = 0;  ///< for `conflict` only
  std::uint64_t place = 0;           ///< where, as below; 0: unknown, or nowhere

  // `place` by code. It is a position of the log, except for `bad_option`:
  //   corrupt_record                     the first record that is damaged or missing
  //   store_newer                        the record of a newer program, if one record is newer
  //   unknown_event_type, newer_schema,
  //   undecodable, evolve_failed         the event that cannot be read or applied
  //   load_failed                        the place of the error that kept the stream from being loaded
  //   decide_failed                      in a process manager, the event that it was to observe
  //   projection_failed, parked,
  //   subscription_stopped               the event that failed
  //   not_deterministic                  the event after which the states differ
  //   not_ready, timed_out               how far the model has come
  //   not_found, misuse                  the parked event that the call named, or the one that has to come first
  //   derived_ahead                      the first position that the log has lost
  //   store_failed                       where derived state contradicts the log
  //   bad_option                         the line of the configuration file

  /// One line for people: code, reason, detail.
  std::string message() const;

  friend bool operator==(const error&, const error&) = default;
};

/// Thrown when a result is asked for the value or error that it does not hold.
class bad_result_access final : public std::exception {
public:
  explicit bad_result_access(annals::error why);
  /// The error's message().
  const char* what() const noexcept override { return held_->message.c_str(); }
  /// The error that the result held; `misuse` if error() was called on a value.
  const annals::error& error() const noexcept { return held_->why; }

private:
  struct held {
    annals::error why;
    std::string message;
  };
  std::shared_ptr<const held> held_;  // copying an exception must not throw
};

/// A value or an error. Asking for the one that the result does not hold throws bad_result_access.
template <class T>
class [[nodiscard]] result {
public:
  result(T value) : held_(std::in_place_index<0>, std::move(value)) {}
  result(annals::error e) : held_(std::in_place_index<1>, std::move(e)) {}

  bool has_value() const noexcept { return held_.index() == 0; }
  explicit operator bool() const noexcept { return has_value(); }

  T& value() & { return check(true), std::get<0>(held_); }
  const T& value() const& { return check(true), std::get<0>(held_); }
  /// Returns by value, so that `for (auto& each : call().value())` iterates over a living object.
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
/// Throws std::logic_error, for a broken invariant, which no caller can repair. In an actor other than an aggregate it stops the runtime.
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
