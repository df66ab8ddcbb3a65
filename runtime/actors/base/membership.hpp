// What a host's handle of a subscription refers to: one member. Each kind of node has its own.
#pragma once

#include "actors/base/waiter.hpp"

#include <annals/subscription.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace annals::detail {

/// Thread-safe. Nothing here waits. Functions that annals::subscription has too do the same here. Leaves when it is destroyed.
class membership {
public:
  membership() = default;
  membership(const membership&) = delete;
  membership& operator=(const membership&) = delete;
  virtual ~membership() = default;

  /// False in a child of a fork, where nothing may be touched.
  virtual bool is_ours() const = 0;

  struct wanted {
    std::shared_ptr<waiter> answered;  // if it completes without an error, `batch` is filled
    std::shared_ptr<std::vector<delivered>> batch;
  };
  virtual wanted next(std::size_t max, std::chrono::milliseconds time_out) = 0;
  /// `life`: delivered::life; 0: the present one.
  virtual std::shared_ptr<waiter> ack(std::vector<position> all, std::uint64_t life = 0) = 0;
  virtual std::shared_ptr<waiter> nack(position at, std::string why, std::uint64_t life = 0) = 0;
  virtual std::shared_ptr<waiter> resolve(position at, bool is_retry) = 0;
  virtual result<std::vector<parked_event>> parked() const = 0;
  virtual void leave() = 0;

  /// False once the member has left: no further event may be handled. After true, the caller has to call done_handling() once. The
  /// member does not leave before that, so that nobody else gets an event while it is still being handled.
  virtual bool may_handle() = 0;
  virtual void done_handling() = 0;
};

}  // namespace annals::detail
