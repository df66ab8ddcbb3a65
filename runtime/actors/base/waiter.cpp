#include "actors/base/waiter.hpp"

#include "actors/base/host_calls.hpp"
#include "actors/base/longest_wait.hpp"
#include "actors/base/messages.hpp"
#include "actors/base/recycling_allocator.hpp"

#include <algorithm>
#include <array>
#include <condition_variable>
#include <mutex>
#include <utility>

namespace annals::detail {
namespace {

thread_local int forbidden = 0;

/// Where threads sleep. Waiters share 32 of them: few threads sleep at a time, so one for each waiter would waste memory.
struct parking_place {
  std::mutex mutex;
  std::condition_variable changed;
};
parking_place& place_of(const waiter* one) {
  // Never destroyed, because a process may end while threads sleep here.
  static constinit store::per_process<std::array<parking_place, 32>> all;
  auto& places = all.get();
  return places[reinterpret_cast<std::uintptr_t>(one) / sizeof(waiter) % places.size()];
}

error asked_twice() { return {errc::misuse, "the answer was requested twice", "then() passes it to its callback"}; }

}  // namespace

no_waiting::no_waiting() { ++forbidden; }
no_waiting::~no_waiting() { --forbidden; }

bool may_wait() { return forbidden == 0; }

error must_not_wait(std::string_view what) {
  return {errc::misuse, std::string{what} + " would wait in a runtime thread, in a callback or inside a read",
          "use then(), or call it in another thread"};
}

void waiter::wake() const {
  auto& place = place_of(this);
  {
    const std::lock_guard lock{place.mutex};
  }  // a thread that checked before the change is asleep by now
  place.changed.notify_all();
}

void waiter::complete(outcome answer, const actors::host_calls* host) noexcept {
  if (is_completed_.exchange(true)) return;
  answer_.emplace(std::move(answer));
  auto was = now_.load();
  while (!now_.compare_exchange_weak(was, was == phase::has_callback ? phase::handed_out : phase::answered)) {
  }
  if (was == phase::awaited) wake();
  if (was != phase::has_callback) return;
  const no_waiting marked;
  try {
    const auto callback = std::exchange(callback_, nullptr);
    callback(std::move(*answer_));  // only one callback gets the answer
  } catch (...) {
    if (host) host->callback_threw();
  }
}

/// True if the calling thread has to wait. False if the answer is there, or if it belongs to a callback.
bool waiter::is_to_be_awaited() {
  auto was = phase::open;
  return now_.compare_exchange_strong(was, phase::awaited) || was == phase::awaited;
}

outcome waiter::answer_or_misuse() const {
  if (is_answered()) return *answer_;
  return asked_twice();
}

outcome waiter::await() {
  if (is_orphaned()) return store::used_after_fork();
  if (!is_answered() && !may_wait()) return must_not_wait("get()");
  if (is_to_be_awaited()) {
    auto& place = place_of(this);
    std::unique_lock lock{place.mutex};
    place.changed.wait(lock, [&] { return now_ != phase::awaited; });
  }
  return answer_or_misuse();
}

std::optional<outcome> waiter::await_for(std::chrono::nanoseconds time_out) {
  if (is_orphaned()) return store::used_after_fork();
  if (!is_answered() && !may_wait()) return must_not_wait("wait_for()");
  if (is_to_be_awaited()) {
    auto& place = place_of(this);
    std::unique_lock lock{place.mutex};
    const auto at_most = std::min<std::chrono::nanoseconds>(time_out, actors::longest_wait);
    if (!place.changed.wait_for(lock, at_most, [&] { return now_ != phase::awaited; })) return std::nullopt;
  }
  return answer_or_misuse();
}

/// Claims the answer for a callback. Returns the phase before, or nothing if the answer belongs to another callback.
std::optional<waiter::phase> waiter::claim() {
  auto was = now_.load();
  for (;;) {
    const bool is_free = was == phase::open || was == phase::awaited || was == phase::answered;
    if (!is_free) return std::nullopt;
    if (now_.compare_exchange_weak(was, was == phase::answered ? phase::handed_out : phase::claimed)) return was;
  }
}

void waiter::on_answer(std::function<void(outcome)> callback) {
  if (is_orphaned()) return callback(store::used_after_fork());
  const auto was = claim();
  if (was == phase::awaited) wake();  // the threads that wait get misuse
  auto still = phase::claimed;
  if (was && was != phase::answered) {
    callback_ = std::move(callback);
    if (now_.compare_exchange_strong(still, phase::has_callback)) return;
    now_ = phase::handed_out;  // the answer came meanwhile
    callback = std::exchange(callback_, nullptr);
  }
  const no_waiting marked;
  callback(was ? *answer_ : outcome{asked_twice()});
}

std::shared_ptr<waiter> make_waiter(token since) { return std::allocate_shared<waiter>(actors::recycling_allocator<waiter>{}, since); }

std::shared_ptr<waiter> answered_with(error why, token since) {
  auto w = make_waiter(since);
  w->complete(std::move(why));
  return w;
}

result<receipt> receipt_of(outcome o) {
  if (!o) return std::move(o).error();
  return o->accepted;
}
outcome await(waiter& w) { return w.await(); }
std::optional<outcome> await_for(waiter& w, std::chrono::nanoseconds time_out) { return w.await_for(time_out); }
void on_answer(waiter& w, std::function<void(outcome)> callback) { w.on_answer(std::move(callback)); }
bool is_answered(const waiter& w) { return w.is_answered(); }
std::shared_ptr<waiter> moved_from() { return answered_with(error{errc::closed, "this handle has been moved from"}); }
token since_of(const waiter& w) { return w.since; }

}  // namespace annals::detail
