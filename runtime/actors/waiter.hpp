// One outstanding answer: what a pending<T> holds on to, and who completes it.
#pragma once

#include <annals/pending.hpp>

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>

namespace annals::detail {

class waiter {
public:
  explicit waiter(position since = 0) : since(since) {}

  const position since;  // of a command
  /// The first completion counts; later ones are dropped.
  void complete(outcome answer);

  outcome await();
  std::optional<outcome> await_for(std::chrono::nanoseconds time_out);
  void on_answer(std::function<void(outcome)> callback);
  bool is_answered() const;

private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<outcome> answer_;
  std::function<void(outcome)> callback_;
};

/// A waiter that is answered already.
std::shared_ptr<waiter> answered_with(error why, position since = 0);

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
