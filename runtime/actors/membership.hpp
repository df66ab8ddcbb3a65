// What a host's handle of a subscription holds on to. Nothing here waits; simulation and tests use it as it is.
#pragma once

#include "actors/subscription_messages.hpp"

#include <atomic>
#include <memory>
#include <string>
#include <vector>

namespace annals::detail {

class membership {
public:
  membership(std::shared_ptr<actors::subscription_cell> in, actors::member_id me) : in_(std::move(in)), me_(me) {}
  membership(const membership&) = delete;
  membership& operator=(const membership&) = delete;
  ~membership() { leave(); }

  struct wanted {
    std::shared_ptr<waiter> answered;  // without an error: `batch` is there
    std::shared_ptr<std::vector<delivered>> batch;
  };
  wanted next(std::size_t max, std::chrono::milliseconds time_out);
  std::shared_ptr<waiter> ack(std::vector<position> all);
  std::shared_ptr<waiter> nack(position at, std::string why);
  std::shared_ptr<waiter> resolve(position at, bool is_retry);
  result<std::vector<parked_event>> parked() const;
  void leave();

private:
  std::shared_ptr<actors::subscription_cell> in_;
  const actors::member_id me_;
  std::atomic<bool> has_left_{false};
};

}  // namespace annals::detail
