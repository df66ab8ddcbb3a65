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
position since_of(const waiter& w);

}  // namespace detail

/// The handle of an answer: ask it by get(), by wait_for() until it answers, or by then(), to whose callback the answer belongs:
/// whoever asks besides is told `misuse`. Dropping it is fine: the command has its effect all the same.
template <class T>
class [[nodiscard]] pending {
public:
  using convert = result<T> (*)(detail::outcome);

  pending(std::shared_ptr<detail::waiter> w, convert as) : waiter_(std::move(w)), convert_(as) {}

  /// Waits for the answer. From a runtime thread (a callback, say) or inside a read it would wait for itself: an answer that is not
  /// here yet is `misuse` then, which says nothing about the command, and the handle may be asked again elsewhere.
  result<T> get() { return convert_(detail::await(*waiter_)); }

  /// Waits at most this long; then `unknown`, and the handle may be asked again. `misuse` as get().
  result<T> wait_for(std::chrono::nanoseconds time_out) {
    auto answer = detail::await_for(*waiter_, time_out);
    if (!answer) return error{errc::unknown, "no answer in time", "asking again with the same id is safe"};
    return convert_(std::move(*answer));
  }

  /// `callback` is called once, from a runtime thread, or at once when the answer is here. It must not wait, and is to be
  /// short, since commits may wait for it. What it throws is logged and told to options.on_failure; when the answer is here, it
  /// passes to the caller.
  template <std::invocable<result<T>> Callback>
  void then(Callback callback) {
    detail::on_answer(*waiter_, [call = std::move(callback), as = convert_](detail::outcome o) mutable { call(as(std::move(o))); });
  }

  /// The answer is here: get() will not wait.
  bool ready() const { return detail::is_answered(*waiter_); }

  /// Of a command: the log's head when it was sent. Sent again after `unknown` with the same id and this as `since`, it
  /// has one effect, however much was written meanwhile.
  position since() const
    requires std::same_as<T, receipt>
  {
    return detail::since_of(*waiter_);
  }

private:
  std::shared_ptr<detail::waiter> waiter_;
  convert convert_;
};

}  // namespace annals
