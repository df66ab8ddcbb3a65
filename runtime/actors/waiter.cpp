#include "actors/waiter.hpp"

#include "actors/longest_wait.hpp"
#include "actors/recycling_allocator.hpp"

#include <algorithm>
#include <array>
#include <condition_variable>
#include <mutex>
#include <utility>

namespace annals::detail {
namespace {

thread_local int forbidden = 0;

/// Where threads sleep: few do at a time, so a place for each waiter would be idle memory.
struct parking_place {
  std::mutex mutex;
  std::condition_variable changed;
};
parking_place& place_of(const waiter* one) {
  static std::array<parking_place, 32> places;
  return places[reinterpret_cast<std::uintptr_t>(one) / sizeof(waiter) % places.size()];
}

}  // namespace

no_waiting::no_waiting() { ++forbidden; }
no_waiting::~no_waiting() { --forbidden; }

bool may_wait() { return forbidden == 0; }

void assert_may_wait(std::string_view what) {
  if (!may_wait())
    broken(std::string{what} + " waits in a thread that must not: a runtime thread, a callback, or inside a read. " +
           "Use then(), or another thread.");
}

void waiter::complete(outcome answer) noexcept {
  if (is_completed_.exchange(true)) return;
  answer_.emplace(std::move(answer));
  switch (now_.exchange(phase::answered)) {
    case phase::awaited: {
      auto& place = place_of(this);
      { const std::lock_guard lock{place.mutex}; }  // who looked before is asleep from here on
      place.changed.notify_all();
      break;
    }
    case phase::has_callback: {
      const no_waiting marked;
      std::exchange(callback_, nullptr)(std::move(*answer_));  // a handle is asked once
      break;
    }
    default: break;
  }
}

/// False when it is answered already.
bool waiter::become(phase next) {
  auto was = now_.load(std::memory_order_acquire);
  while (was != phase::answered) {
    if (was == phase::has_callback) broken("an answer is asked for twice: by then(), and again");
    if (now_.compare_exchange_weak(was, next)) return true;
  }
  return false;
}

outcome waiter::await() {
  if (!is_answered()) assert_may_wait("get()");
  if (become(phase::awaited)) {
    auto& place = place_of(this);
    std::unique_lock lock{place.mutex};
    place.changed.wait(lock, [&] { return is_answered(); });
  }
  return *answer_;
}

std::optional<outcome> waiter::await_for(std::chrono::nanoseconds time_out) {
  if (!is_answered()) assert_may_wait("wait_for()");
  if (become(phase::awaited)) {
    auto& place = place_of(this);
    std::unique_lock lock{place.mutex};
    const auto at_most = std::min<std::chrono::nanoseconds>(time_out, actors::longest_wait);
    if (!place.changed.wait_for(lock, at_most, [&] { return is_answered(); })) return std::nullopt;
  }
  return *answer_;
}

void waiter::on_answer(std::function<void(outcome)> callback) noexcept {
  if (!is_answered()) {
    callback_ = std::move(callback);
    if (become(phase::has_callback)) return;
    callback = std::move(callback_);
  }
  const no_waiting marked;
  callback(std::move(*answer_));
}

std::shared_ptr<waiter> make_waiter(token since) {
  return std::allocate_shared<waiter>(actors::recycling_allocator<waiter>{}, since);
}

std::shared_ptr<waiter> answered_with(error why, token since) {
  auto w = make_waiter(since);
  w->complete(std::move(why));
  return w;
}

outcome await(waiter& w) { return w.await(); }
std::optional<outcome> await_for(waiter& w, std::chrono::nanoseconds time_out) { return w.await_for(time_out); }
void on_answer(waiter& w, std::function<void(outcome)> callback) { w.on_answer(std::move(callback)); }
bool is_answered(const waiter& w) { return w.is_answered(); }
token since_of(const waiter& w) { return w.since; }

}  // namespace annals::detail
