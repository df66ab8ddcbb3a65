// What a host's handle of a subscription refers to. Nothing here waits; simulation and tests use it directly.
#pragma once

#include "actors/subscriptions/messages.hpp"

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace annals::detail {

class membership {
public:
  membership(std::shared_ptr<actors::subscription_cell> in, actors::member_id me) : in_(std::move(in)), me_(me) {}
  membership(const membership&) = delete;
  membership& operator=(const membership&) = delete;
  ~membership() { leave(); }

  /// False in a child of a fork, where nothing may be touched.
  bool is_ours() const { return home_.is_this_one(); }

  struct wanted {
    std::shared_ptr<waiter> answered;  // if it completes without an error, `batch` is filled
    std::shared_ptr<std::vector<delivered>> batch;
  };
  wanted next(std::size_t max, std::chrono::milliseconds time_out);
  std::shared_ptr<waiter> ack(std::vector<position> all);
  std::shared_ptr<waiter> nack(position at, std::string why);
  std::shared_ptr<waiter> resolve(position at, bool is_retry);
  result<std::vector<parked_event>> parked() const;
  void leave();

  /// False once the member has left: no further event may be handled. After true, the caller has to call done_handling() once. The
  /// member does not leave before that, so that nobody else gets an event while it is still being handled.
  bool may_handle();
  void done_handling();

private:
  const store::home_process home_;
  std::shared_ptr<actors::subscription_cell> in_;
  const actors::member_id me_;
  std::mutex mutex_;
  bool has_left_ = false;     // guarded by mutex_
  std::size_t handling_ = 0;  // events in run(); guarded by mutex_
};

}  // namespace annals::detail
