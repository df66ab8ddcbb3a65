// One outstanding answer: what a pending<T> holds on to, and who completes it.
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

  const token since;  // of a command
  /// The first completion counts; later ones are dropped. What a callback throws, `host` is told.
  void complete(outcome answer, const actors::host_calls* host = nullptr) noexcept;

  /// Both: misuse, when this thread must not wait, or the answer belongs to a callback.
  outcome await();
  std::optional<outcome> await_for(std::chrono::nanoseconds time_out);
  /// When the answer is here already, what the callback throws passes to the caller.
  void on_answer(std::function<void(outcome)> callback);
  bool is_answered() const { return now_.load(std::memory_order_acquire) == phase::answered; }

private:
  enum class phase : std::uint8_t { open, awaited, claimed, has_callback, answered, handed_out };

  bool is_to_be_awaited();
  std::optional<phase> claim();
  void wake() const;
  outcome answer_or_misuse() const;
  /// Nobody is there who could answer: this process is a child of the one that asked.
  bool is_orphaned() const { return !home_.is_this_one() && !is_answered(); }

  const store::home_process home_;
  std::atomic<bool> is_completed_{false};
  std::atomic<phase> now_{phase::open};
  std::optional<outcome> answer_;          // written before `answered`, read-only behind it; the callback's, if it came first
  std::function<void(outcome)> callback_;  // written before `has_callback`
};

/// One that a command or a query gets. Its memory is used again.
std::shared_ptr<waiter> make_waiter(token since = {});
/// A waiter that is answered already.
std::shared_ptr<waiter> answered_with(error why, token since = {});

/// False when this thread must not wait: it runs actors, or is inside a read (rule 9).
bool may_wait();
/// The error for a call that would wait there: misuse, with advice.
error must_not_wait(std::string_view what);
/// Marks this thread while it lives; nests.
class no_waiting {
public:
  no_waiting();
  ~no_waiting();
  no_waiting(const no_waiting&) = delete;
  no_waiting& operator=(const no_waiting&) = delete;
};

}  // namespace annals::detail
