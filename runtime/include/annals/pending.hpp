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

/// Waits for the answer; misuse when the thread must not wait (design rule 9).
outcome await(waiter& w);
std::optional<outcome> await_for(waiter& w, std::chrono::nanoseconds time_out);
void on_answer(waiter& w, std::function<void(outcome)> callback);
bool is_answered(const waiter& w);
token since_of(const waiter& w);
/// What a handle asks that was moved from: answered, `closed`.
std::shared_ptr<waiter> moved_from();

}  // namespace detail

/// The handle of an answer: ask it by get(), by wait_for() until it answers, or by then(), to whose callback the answer belongs:
/// any other call that asks is `misuse`. Dropping it is fine: the command has its effect all the same. A handle that was moved
/// from answers `closed`; in a child of a fork, what its parent has asked for answers `misuse`.
template <class T>
class [[nodiscard]] pending {
public:
  using convert = result<T> (*)(detail::outcome);

  pending(std::shared_ptr<detail::waiter> w, convert as) : waiter_(std::move(w)), convert_(as) {}

  /// Waits for the answer. From a runtime thread (a callback, say) or inside a read it would wait for itself: an answer that is not
  /// here yet is `misuse` then, which says nothing about the command, and the handle may be asked again elsewhere.
  result<T> get() { return convert_(detail::await(asked())); }

  /// Waits at most this long; then `unknown`, and the handle may be asked again. `misuse` in the same places as get().
  result<T> wait_for(std::chrono::nanoseconds time_out) {
    auto answer = detail::await_for(asked(), time_out);
    if (!answer) return error{errc::unknown, "no answer in time", "asking again with the same id is safe"};
    return convert_(std::move(*answer));
  }

  /// `callback` is called once, from a runtime thread, or at once when the answer is here. It must not wait, and is to be
  /// short, since commits may wait for it. What it throws is logged and told to options.on_failure; when the answer is here, it
  /// passes to the caller.
  template <std::invocable<result<T>> Callback>
  void then(Callback callback) {
    detail::on_answer(asked(), [call = std::move(callback), as = convert_](detail::outcome o) mutable { call(as(std::move(o))); });
  }

  /// The answer is here: get() will not wait.
  bool ready() const { return !waiter_ || detail::is_answered(*waiter_); }

  /// Of a command: its send_options::since; without one, the token of the log's head when the command was sent. Store it
  /// with the id, and pass both when you send again.
  token since() const
    requires std::same_as<T, receipt>
  {
    return waiter_ ? detail::since_of(*waiter_) : token{};
  }

private:
  detail::waiter& asked() {
    if (!waiter_) waiter_ = detail::moved_from();
    return *waiter_;
  }

  std::shared_ptr<detail::waiter> waiter_;
  convert convert_;
};

}  // namespace annals
