// A member of a subscription of another node. It belongs to the session there and survives links; when the other node has been started
// again, it joins again and goes on with what is not acknowledged.
#pragma once

#include "actors/base/membership.hpp"
#include "net/remote/handle.hpp"

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace annals::net {

class remote_membership final : public detail::membership, public std::enable_shared_from_this<remote_membership> {
public:
  /// `member`: its number in the session, as the other node has answered `joined`.
  remote_membership(std::shared_ptr<handle> to, subscribe_call joined, std::uint64_t member)
      : to_(std::move(to)), joined_(std::move(joined)), member_(member) {}
  ~remote_membership() override;

  bool is_ours() const override { return to_->is_ours(); }
  wanted next(std::size_t max, std::chrono::milliseconds time_out) override;
  std::shared_ptr<detail::waiter> ack(std::vector<position> all, std::uint64_t life) override;
  std::shared_ptr<detail::waiter> nack(position at, std::string why, std::uint64_t life) override;
  std::shared_ptr<detail::waiter> resolve(position at, bool is_retry) override;
  result<std::vector<parked_event>> parked() const override;
  void leave() override;
  bool may_handle() override;
  void done_handling() override;

private:
  std::uint64_t member() const;
  /// Nothing if this life of the node is over.
  std::optional<std::uint64_t> member_of(std::uint64_t life) const;
  using steady = std::chrono::steady_clock;
  /// The other node answers after a minute at the latest; then it is asked again.
  /// `joins`: how often it may still join again.
  void ask_next(const wanted& asked, std::size_t max, steady::time_point until, int joins);
  void ask_again(const wanted& asked, std::size_t max, steady::time_point until, int joins, std::uint64_t by, error why);
  void join_again(const wanted& asked, std::size_t max, steady::time_point until, int joins);
  bool has_left() const;
  bool is_closed_there(const error& why) const;
  void say_left(std::uint64_t member);
  std::vector<std::uint64_t> take_leaving();

  std::shared_ptr<handle> to_;  // never null before the destructor
  const subscribe_call joined_;
  mutable std::mutex mutex_;  // guards all below
  std::uint64_t member_;
  bool has_left_ = false;
  std::size_t handling_ = 0;
  std::weak_ptr<detail::waiter> waiting_;  // the last call of next()
  std::vector<std::uint64_t> leaving_;     // members that have left; the node may not know it yet
};

}  // namespace annals::net
