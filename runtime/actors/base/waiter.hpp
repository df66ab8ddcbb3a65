// One outstanding answer, shared by a pending<T> and whatever completes it: a promise.
#pragma once

#include "store/os/forks.hpp"

#include <annals/pending.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

namespace annals::actors {
class host_calls;
}

namespace annals::detail {

class waiter {
public:
  explicit waiter(token since = {}) : since(since) {}

  const token since;  // see pending::since(); for commands
  /// The first completion counts; later ones are dropped. If the callback throws, `host` is told.
  void complete(outcome answer, const actors::host_calls* host = nullptr) noexcept;

  /// Both return misuse if this thread must not wait, or if the answer belongs to a callback. await_for(): nothing after the time-out.
  outcome await();
  std::optional<outcome> await_for(std::chrono::nanoseconds time_out);
  /// If the answer is already there, the callback runs at once, and its exceptions propagate to the caller.
  void on_answer(std::function<void(outcome)> callback);
  bool is_answered() const { return now_.load(std::memory_order_acquire) == phase::answered; }

private:
  enum class phase : std::uint8_t { open, awaited, claimed, has_callback, answered, handed_out };

  bool is_to_be_awaited();
  std::optional<phase> claim();
  void wake() const;
  outcome answer_or_misuse() const;
  /// The answer cannot come: this process is a fork of the one that asked.
  bool is_orphaned() const { return !home_.is_this_one() && !is_answered(); }

  const store::home_process home_;
  std::atomic<bool> is_completed_{false};
  std::atomic<phase> now_{phase::open};
  std::optional<outcome> answer_;          // written before `answered`, read-only after; moved to the callback if that came first
  std::function<void(outcome)> callback_;  // written before `has_callback`
};

/// For a command or a query. Its memory is recycled.
std::shared_ptr<waiter> make_waiter(token since = {});
/// A waiter that already has its answer.
std::shared_ptr<waiter> answered_with(error why, token since = {});

/// False if this thread must not wait: it runs actors, or is inside a callback or a read (rule 9).
bool may_wait();
/// The error for a call that would wait in such a thread: misuse, with advice.
error must_not_wait(std::string_view what);
/// While it lives, its thread must not wait. Nests.
class no_waiting {
public:
  no_waiting();
  ~no_waiting();
  no_waiting(const no_waiting&) = delete;
  no_waiting& operator=(const no_waiting&) = delete;
};

}  // namespace annals::detail
