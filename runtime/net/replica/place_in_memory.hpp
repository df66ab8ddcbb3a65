// A member of a subscription on a replica: it reads the copy from a position on, and keeps its place in memory.
#pragma once

#include "actors/base/membership.hpp"
#include "net/replica/copied_store.hpp"

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace annals::net {

class place_in_memory final : public detail::membership {
public:
  place_in_memory(std::shared_ptr<copied_store> of, std::string name, subscription_options with);

  bool is_ours() const override { return of_->is_ours(); }
  /// Waits in the caller's thread, since it only reads.
  wanted next(std::size_t max, std::chrono::milliseconds time_out) override;
  std::shared_ptr<detail::waiter> ack(std::vector<position> all, std::uint64_t life) override;
  /// There are no attempts here: the member stops at this event.
  std::shared_ptr<detail::waiter> nack(position at, std::string why, std::uint64_t life) override;
  std::shared_ptr<detail::waiter> resolve(position at, bool is_retry) override;
  result<std::vector<parked_event>> parked() const override { return std::vector<parked_event>{}; }
  void leave() override;
  bool may_handle() override;
  void done_handling() override {}

private:
  bool is_chosen(const record_view& record) const;
  result<void> read(std::size_t max, std::vector<delivered>& into);
  std::optional<error> over() const;

  const std::shared_ptr<copied_store> of_;
  const std::string name_;
  const subscription_options with_;
  mutable std::mutex mutex_;
  position at_;                   // guarded; the next one
  std::optional<error> stopped_;  // guarded
  bool has_left_ = false;         // guarded
};

}  // namespace annals::net
