// What the calls of peers do: each is checked against the peer's rights and handed to the engine. rights_of_calls.hpp says which right a
// call needs.
#pragma once

#include "actors/host/engine.hpp"
#include "net/door/members.hpp"
#include "net/door/pulls.hpp"
#include "net/identity/peers.hpp"
#include "net/session/served_session.hpp"
#include "net/session/share_of_peers.hpp"
#include "net/wire/calls.hpp"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace annals::net {

class served_calls final : public session_calls {
public:
  struct surroundings {
    std::function<std::shared_ptr<const peers>()> known;
    std::function<void(const served_session& of, std::string_view what)> forbidden;  // is told of every call that was refused
    std::function<void(const std::string& peer, std::function<void()>)> post;        // runs what may wait, soon
  };
  /// The engine outlives it.
  served_calls(detail::engine& on, surroundings around);

  void command(const std::shared_ptr<served_session>& of, const taken_call& taken, const command_frame& what) override;
  void refused(const command_frame& what, errc why) override;
  void request(const std::shared_ptr<served_session>& of, const taken_call& taken, const request_frame& what) override;
  void resent(const std::shared_ptr<served_session>& of, std::vector<resent_command> all) override;
  bool is_delivery(std::uint8_t c) const override { return net::is_delivery(static_cast<call>(c)); }
  void ended(const served_session& of) override { members_.drop(of.id()); }
  /// Answers what waits for the log to grow.
  void stop() { pulls_.stop(); }

private:
  using session_ptr = std::shared_ptr<served_session>;
  /// Answers `forbidden`, and tells it.
  void refuse(const session_ptr& of, const taken_call& taken, verb lacks, std::string_view what, std::string_view about) const;
  bool may(const session_ptr& of, call c, const std::vector<std::string>& names) const;
  /// Whether the peer may see events of this stream. The filter of a subscription does not say: an event that is retried passes it.
  std::function<bool(std::string_view stream)> may_replay(const session_ptr& of) const;
  /// Runs `act`, which answers the call, where it may wait. If types of the host throw in it, that is the answer.
  void later(const session_ptr& of, const taken_call& taken, std::function<void()> act) const;
  /// Decodes a call and checks the right to it, for what `names` says that it is about; answers it itself if it cannot be made.
  template <class Asked, class Names, class Do>
  void with(const session_ptr& of, const taken_call& taken, const request_frame& what, Names&& names, Do&& act);
  /// The same for a call of a member, which `act` gets, too.
  template <class Asked, class Do>
  void with_member(const session_ptr& of, const taken_call& taken, const request_frame& what, Do&& act);
  void member_request(const session_ptr& of, const taken_call& taken, const request_frame& what);

  /// Answers a command that is not sent to the engine, and counts it there.
  void answer_unsent(const session_ptr& of, const taken_call& taken, const command_frame& what, error why);
  void settle(const session_ptr& of, const std::vector<resent_command>& all, std::size_t& settled);
  void ask(const session_ptr& of, const taken_call& taken, ask_call asked);
  void read_stream(const session_ptr& of, const taken_call& taken, const stream_call& asked);
  void read_state(const session_ptr& of, const taken_call& taken, const state_call& asked);
  void read_log(const session_ptr& of, const taken_call& taken, const log_call& asked);
  void subscribe(const session_ptr& of, const taken_call& taken, subscribe_call asked);
  void next(const session_ptr& of, const taken_call& taken, const next_call& asked, const members::member& by);

  detail::engine& engine_;
  const surroundings around_;
  members members_;
  const std::shared_ptr<share_of_peers> share_;  // answers may come when this is gone
  pulls pulls_;
};

}  // namespace annals::net
