/// The answer to a command or a query, which may not have come yet.
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

/// What comes back: a receipt, or the encoded answer to a query.
struct answered {
  receipt accepted;
  std::string bytes;
};
using outcome = result<answered>;
/// The receipt of a command.
result<receipt> receipt_of(outcome o);

/// One outstanding answer, shared by the handle and the part of the runtime that answers. It is answered exactly once. Thread-safe.
class waiter;

/// These wait for the answer. Errors: misuse if this thread must not wait.
outcome await(waiter& w);
std::optional<outcome> await_for(waiter& w, std::chrono::nanoseconds time_out);
void on_answer(waiter& w, std::function<void(outcome)> callback);
bool is_answered(const waiter& w);
token since_of(const waiter& w);
/// A waiter with the answer `closed`, for a handle that was moved from.
std::shared_ptr<waiter> moved_from();

}  // namespace detail

/// The handle of an answer. Ask it with get(), wait_for() or then(). After then() the answer belongs to the callback: get(), wait_for()
/// and another then() are `misuse`. You may drop the handle; the command takes effect all the same. A handle that was moved from
/// answers `closed`, which says nothing about the command. In a child of a fork, a request of the parent answers `misuse` unless its
/// answer had come before the fork.
template <class T>
class [[nodiscard]] pending {
public:
  using convert = result<T> (*)(detail::outcome);

  pending(std::shared_ptr<detail::waiter> w, convert as) : waiter_(std::move(w)), convert_(as) {}

  /// Waits for the answer. In a runtime thread (a callback, say) or inside a read, get() would wait for itself: if the answer has not
  /// come yet, it returns `misuse`. That says nothing about the command; ask the handle again in another thread.
  result<T> get() { return convert_(detail::await(asked())); }

  /// Waits at most this long, then returns `unknown`; you may ask the handle again. `misuse` in the same places as get().
  result<T> wait_for(std::chrono::nanoseconds time_out) {
    auto answer = detail::await_for(asked(), time_out);
    if (!answer) return error{errc::unknown, "no answer in time", "sending again with the same id is safe"};
    return convert_(std::move(*answer));
  }

  /// Calls `callback` once: now, in this thread, if the answer has come; otherwise later, in a runtime thread. The callback must
  /// not wait, and should be short, because commits may wait for it. An exception that it throws in a runtime thread is logged and
  /// reported to options.on_failure; one that it throws in this call propagates to you.
  template <std::invocable<result<T>> Callback>
  void then(Callback callback) {
    detail::on_answer(asked(), [call = std::move(callback), as = convert_](detail::outcome o) mutable { call(as(std::move(o))); });
  }

  /// True if the answer has come, so that get() does not wait. False again after then().
  bool ready() const { return !waiter_ || detail::is_answered(*waiter_); }

  /// Only for commands: send_options::since if it was set, otherwise the head of the log when the command was sent. Store it with the
  /// command id, and pass both when you send the command again.
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
