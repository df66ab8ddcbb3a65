// A member of a subscription of the served engine, as a client has it: it joins when it first asks, and again when the server does not
// know it any more.
#pragma once

#include "actors/base/membership.hpp"
#include "support/net/far_node.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

class far_member final : public annals::detail::membership, public std::enable_shared_from_this<far_member> {
public:
  far_member(std::weak_ptr<far_caller> by, std::string_view name, const annals::subscription_options& with, std::function<void()> on_join);
  ~far_member() override { leave(); }

  bool is_ours() const override { return true; }
  wanted next(std::size_t max, std::chrono::milliseconds time_out) override;
  std::shared_ptr<annals::detail::waiter> ack(std::vector<annals::position> all, std::uint64_t life) override;
  std::shared_ptr<annals::detail::waiter> nack(annals::position at, std::string why, std::uint64_t life) override;
  std::shared_ptr<annals::detail::waiter> resolve(annals::position at, bool is_retry) override;
  /// Would have to wait.
  annals::result<std::vector<annals::parked_event>> parked() const override { return annals::error{annals::errc::misuse, "not here"}; }
  void leave() override;
  bool may_handle() override { return true; }
  void done_handling() override {}

private:
  template <class Asked>
  std::shared_ptr<annals::detail::waiter> ask(annals::net::call what, const Asked& asked) const;
  void ask_next(const wanted& asked, std::size_t max, std::chrono::milliseconds time_out, bool may_join);
  void join(const wanted& asked, std::size_t max, std::chrono::milliseconds time_out);

  const std::weak_ptr<far_caller> by_;
  annals::net::subscribe_call how_;
  std::uint64_t member_ = 0;  // none yet: the server does not know it
  const std::function<void()> on_join_;
};
