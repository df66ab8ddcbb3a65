/// An answer on its way.
#pragma once

#include <annals/receipt.hpp>
#include <annals/result.hpp>

#include <chrono>
#include <concepts>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace annals {

namespace detail {

/// What travels back: a receipt, or the bytes of an answer to a query.
struct answered {
  receipt accepted;
  std::string bytes;
};
using outcome = result<answered>;

/// One outstanding answer, shared by its handle and by who gives it. Given exactly once; thread-safe.
class waiter;

/// Waits for the answer; asserts that the thread may wait (design rule 9).
outcome await(waiter& w);
std::optional<outcome> await_for(waiter& w, std::chrono::nanoseconds time_out);
void on_answer(waiter& w, std::function<void(outcome)> callback);
bool is_answered(const waiter& w);
token since_of(const waiter& w);

}  // namespace detail

/// The handle of an answer. Move-only in spirit: ask it once, by get(), by wait_for() until it answers, or by then().
/// Dropping it is fine: the command has its effect all the same.
template <class T>
class [[nodiscard]] pending {
public:
  using convert = result<T> (*)(detail::outcome);

  pending(std::shared_ptr<detail::waiter> w, convert as) : waiter_(std::move(w)), convert_(as) {}

  /// Waits for the answer. Not from a runtime thread (a callback, say), nor inside a read: that asserts.
  result<T> get() { return convert_(detail::await(*waiter_)); }

  /// Waits at most this long; then `unknown`, and the handle may be asked again.
  result<T> wait_for(std::chrono::nanoseconds time_out) {
    auto answer = detail::await_for(*waiter_, time_out);
    if (!answer) return error{errc::unknown, "no answer in time", "asking again with the same id is safe"};
    return convert_(std::move(*answer));
  }

  /// `callback` is called once, from a runtime thread, or at once when the answer is here. It must not wait, and is to be
  /// short, since commits may wait for it; whatever it throws ends the process.
  template <std::invocable<result<T>> Callback>
  void then(Callback callback) {
    detail::on_answer(*waiter_, [call = std::move(callback), as = convert_](detail::outcome o) mutable { call(as(std::move(o))); });
  }

  /// The answer is here: get() will not wait.
  bool ready() const { return detail::is_answered(*waiter_); }

  /// Of a command: its send_options::since; without one, the token of the log's head when the command was sent. Store it
  /// with the id, and pass both when you send again.
  token since() const
    requires std::same_as<T, receipt>
  {
    return detail::since_of(*waiter_);
  }

private:
  std::shared_ptr<detail::waiter> waiter_;
  convert convert_;
};

}  // namespace annals
