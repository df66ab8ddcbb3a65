// A member of a subscription of a runtime in this process. Simulation and tests use it directly.
#pragma once

#include "actors/base/membership.hpp"
#include "actors/subscriptions/messages.hpp"

#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace annals::detail {

class local_membership final : public membership {
public:
  local_membership(std::shared_ptr<actors::subscription_cell> in, actors::member_id me) : in_(std::move(in)), me_(me) {}
  ~local_membership() override { leave(); }

  bool is_ours() const override { return home_.is_this_one(); }
  wanted next(std::size_t max, std::chrono::milliseconds time_out) override;
  std::shared_ptr<waiter> ack(std::vector<position> all, std::uint64_t life) override;
  std::shared_ptr<waiter> nack(position at, std::string why, std::uint64_t life) override;
  std::shared_ptr<waiter> resolve(position at, bool is_retry) override;
  result<std::vector<parked_event>> parked() const override;
  void leave() override;
  bool may_handle() override;
  void done_handling() override;

private:
  const store::home_process home_;
  std::shared_ptr<actors::subscription_cell> in_;
  const actors::member_id me_;
  std::mutex mutex_;
  bool has_left_ = false;     // guarded by mutex_
  std::size_t handling_ = 0;  // events in run(); guarded by mutex_
};

}  // namespace annals::detail
