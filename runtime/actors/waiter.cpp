#include "actors/waiter.hpp"

#include <utility>

namespace annals::detail {
namespace {
thread_local int forbidden = 0;
}

no_waiting::no_waiting() { ++forbidden; }
no_waiting::~no_waiting() { --forbidden; }

bool may_wait() { return forbidden == 0; }

void assert_may_wait(std::string_view what) {
  if (!may_wait())
    broken(std::string{what} + " waits in a thread that must not: a runtime thread, a callback, or inside a read. " +
           "Use then(), or another thread.");
}

void waiter::complete(outcome answer) {
  std::function<void(outcome)> call;
  {
    const std::lock_guard lock{mutex_};
    if (answer_) return;
    answer_.emplace(std::move(answer));
    call = std::exchange(callback_, nullptr);
  }
  changed_.notify_all();
  if (call) {
    const no_waiting marked;
    call(std::move(*answer_));  // a handle is asked once
  }
}

outcome waiter::await() {
  if (!is_answered()) assert_may_wait("get()");
  std::unique_lock lock{mutex_};
  changed_.wait(lock, [&] { return answer_.has_value(); });
  return *answer_;
}

std::optional<outcome> waiter::await_for(std::chrono::nanoseconds time_out) {
  if (!is_answered()) assert_may_wait("wait_for()");
  std::unique_lock lock{mutex_};
  if (!changed_.wait_for(lock, time_out, [&] { return answer_.has_value(); })) return std::nullopt;
  return *answer_;
}

void waiter::on_answer(std::function<void(outcome)> callback) {
  {
    const std::lock_guard lock{mutex_};
    if (!answer_) {
      callback_ = std::move(callback);
      return;
    }
  }
  const no_waiting marked;
  callback(std::move(*answer_));
}

bool waiter::is_answered() const {
  const std::lock_guard lock{mutex_};
  return answer_.has_value();
}

std::shared_ptr<waiter> answered_with(error why, position since) {
  auto w = std::make_shared<waiter>(since);
  w->complete(std::move(why));
  return w;
}

outcome await(waiter& w) { return w.await(); }
std::optional<outcome> await_for(waiter& w, std::chrono::nanoseconds time_out) { return w.await_for(time_out); }
void on_answer(waiter& w, std::function<void(outcome)> callback) { w.on_answer(std::move(callback)); }
bool is_answered(const waiter& w) { return w.is_answered(); }
position since_of(const waiter& w) { return w.since; }

}  // namespace annals::detail
