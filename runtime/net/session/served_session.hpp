// The server's half of a session: takes each call once, in order, and keeps every answer until the caller has confirmed it, across links.
// Passive: its owner calls flush() after `wake`.
//
// A command that an earlier process of the server may have taken is marked. Such commands are held until all of them have come, over as many
// links as that takes, and so is everything behind them. Then they are settled together: see session_calls::resent().
#pragma once

#include "net/session/channel.hpp"
#include "net/session/session_id.hpp"
#include "net/session/share_of_peers.hpp"
#include "net/wire/frames.hpp"

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace annals::net {

class served_session;

/// A call that a session has taken, to be answered once by served_session::answer(), at once or later, from any thread.
struct taken_call {
  enum class kind : std::uint8_t { command, question, delivery };
  kind what = kind::command;
  std::uint64_t sequence = 0;
  std::uint64_t bytes = 0;  // of its frame
  bool has_room = false;    // it occupies them in the share of its peer
};

/// The answer to a command. One that an earlier process of the server may have taken may have had its effect then, unless the log was
/// searched: an error that does not come from there is `unknown`.
detail::outcome answer_to_command(bool is_resent, detail::outcome given);

/// Why there is no room for a call or an answer of this peer.
error unread_answers(const std::string& peer);

/// What the calls of sessions do. A frame is valid during the call.
class session_calls {
public:
  virtual ~session_calls() = default;
  virtual void command(const std::shared_ptr<served_session>& of, const taken_call& call, const command_frame& what) = 0;
  /// A command that the session answers with this itself. Called with its lock.
  virtual void refused(const command_frame& what, errc why) = 0;
  virtual void request(const std::shared_ptr<served_session>& of, const taken_call& call, const request_frame& what) = 0;
  /// Marked commands, in order. When each has been handed on or answered, release() has to be called.
  struct resent_command {
    taken_call call;
    std::string payload;  // of a command frame
  };
  virtual void resent(const std::shared_ptr<served_session>& of, std::vector<resent_command> all) = 0;
  /// Whether a request needs the credit of deliveries.
  virtual bool is_delivery(std::uint8_t call) const = 0;
  /// The session is over: nobody will ask for its answers any more.
  virtual void ended(const served_session& of) = 0;
};

class served_session : public std::enable_shared_from_this<served_session> {
public:
  /// `calls` outlives it. `bytes`: what the calls and answers of all peers may occupy. `wake`: flush() has something to send; called from any
  /// thread, without the lock.
  served_session(session_id id, std::string peer, credit limits, std::shared_ptr<share_of_peers> bytes, session_calls& calls,
                 std::function<void(served_session&)> wake);
  ~served_session();
  const session_id& id() const { return id_; }
  const std::string& id_in_hex() const { return hex_; }
  /// The name that the caller has proven.
  const std::string& peer() const { return peer_; }

  /// The number of the newest link that this session has had.
  std::uint64_t link_number() const;
  /// A new link; an older one is closed. Returns the highest number taken. The first frame of the caller confirms the answers that it
  /// has; then the others are sent again.
  std::uint64_t attach(std::shared_ptr<channel> over, std::uint64_t link_number);
  /// Errors: a frame that a caller must not send; overloaded, if it exceeds its credit.
  result<void> received(const channel& on, frame_kind kind, std::string_view payload);
  void lost(const channel& on);
  /// Sends what it has to send. Returns how many bytes that was. Any thread.
  std::size_t flush();

  /// Whether an answer of this size has room now. To be asked before an answer that cannot be taken back.
  bool has_room_for(std::size_t bytes) const { return share_->fits(peer_, bytes); }
  /// The answer to a call, once. Any thread.
  void answer(const taken_call& call, detail::outcome given);
  /// What was resent has been settled: the calls behind it go on.
  void release() noexcept;
  /// From now on each new call is answered with this; the caller is told by goodbye.
  void refuse(error why);
  /// Ends its link.
  void close();

  /// Whether the caller knows of this session: it has been heard on it. Before that it may never have learned that the session is new.
  bool is_known() const;
  bool is_linked() const;
  bool has_link(const channel& one) const;
  /// Whether nobody waits for it: every command and question is answered, and all answers are confirmed, or the caller has no link. A member
  /// that waits for events does not count.
  bool is_quiet() const;
  /// Has said goodbye: nobody will come back for its answers.
  bool has_ended() const;
  /// Nothing is kept for it any more. To be called before session_calls::ended().
  void end();
  bool is_over() const;

private:
  using kind = taken_call::kind;
  static constexpr std::size_t kinds = 3;
  struct kept_answer {
    std::string frame;
    kind what;
    std::uint64_t bytes;  // of the call
    std::uint64_t room;   // that call and answer occupy in the share of the peer
  };
  result<void> confirmed(std::uint64_t answers);
  void resume();
  /// Counts the call. Errors: overloaded; undecodable, if its number is not higher than those before.
  /// `in_any_case`: it occupies its bytes even if there is no room for them.
  result<taken_call> take(kind what, std::uint64_t sequence, std::size_t bytes, bool in_any_case);
  result<void> refused(std::unique_lock<std::mutex>& lock, const taken_call& call, error why);
  result<void> take_command(std::unique_lock<std::mutex>& lock, std::string_view payload);
  result<void> take_request(std::unique_lock<std::mutex>& lock, std::string_view payload);
  void settle_resent(std::unique_lock<std::mutex>& lock);
  void dispatch(const taken_call& call, std::string_view payload);
  void answer_anyhow(const taken_call& call, error why) noexcept;
  /// Unlocks, and wakes the owner if it has to flush.
  void wake_after(std::unique_lock<std::mutex>& lock);

  const session_id id_;
  const std::string hex_;
  const std::string peer_;
  const credit limits_;
  const std::shared_ptr<share_of_peers> share_;
  session_calls& calls_;
  const std::function<void(served_session&)> wake_;

  mutable std::mutex mutex_;  // guards all below
  std::shared_ptr<channel> channel_;
  std::uint64_t link_number_ = 0;
  std::uint64_t taken_ = 0;
  std::deque<kept_answer> kept_;                        // answered and not confirmed
  std::uint64_t confirmed_ = 0;                         // number of answers before kept_.front()
  std::array<std::uint64_t, kinds> count_{}, bytes_{};  // of calls whose answers are not confirmed
  std::array<std::uint64_t, kinds> answer_bytes_{};     // of kept_
  std::uint64_t room_ = 0;                              // of all calls and answers, in the share of the peer
  std::string out_;
  bool is_woken_ = false;
  bool is_resumed_ = false;  // the caller has said on this link which answers it has
  bool is_known_ = false;    // the caller has said so on some link
  bool has_ended_ = false, is_over_ = false;
  std::optional<error> refusal_;
  enum class resends : std::uint8_t { none, collected, settled } resends_ = resends::none;
  std::vector<session_calls::resent_command> resent_;
  std::deque<session_calls::resent_command> held_;  // requests, too
  std::mutex flushing_;                             // taken before mutex_
};

}  // namespace annals::net
