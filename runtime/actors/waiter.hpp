// One outstanding answer: what a pending<T> holds on to, and who completes it.
#pragma once

#include <annals/pending.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

namespace annals::detail {

class waiter {
public:
  explicit waiter(token since = {}) : since(since) {}

  const token since;  // of a command
  /// The first completion counts; later ones are dropped.
  /// A callback that throws ends the process.
  void complete(outcome answer) noexcept;

  outcome await();
  std::optional<outcome> await_for(std::chrono::nanoseconds time_out);
  void on_answer(std::function<void(outcome)> callback) noexcept;
  bool is_answered() const { return now_.load(std::memory_order_acquire) == phase::answered; }

private:
  enum class phase : std::uint8_t { open, awaited, has_callback, answered };

  bool become(phase next);

  std::atomic<bool> is_completed_{false};
  std::atomic<phase> now_{phase::open};
  std::optional<outcome> answer_;          // written before `answered`, read-only behind it
  std::function<void(outcome)> callback_;  // written before `has_callback`
};

/// One that a command or a query gets. Its memory is used again.
std::shared_ptr<waiter> make_waiter(token since = {});
/// A waiter that is answered already.
std::shared_ptr<waiter> answered_with(error why, token since = {});

/// Ends the process when this thread must not wait: it runs actors, or is inside a read (design rule 9).
void assert_may_wait(std::string_view what);
bool may_wait();
/// Marks this thread while it lives; nests.
class no_waiting {
public:
  no_waiting();
  ~no_waiting();
  no_waiting(const no_waiting&) = delete;
  no_waiting& operator=(const no_waiting&) = delete;
};

}  // namespace annals::detail
