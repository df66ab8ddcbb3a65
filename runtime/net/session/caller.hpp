// The caller's half of a session: numbers its calls, keeps them until they are answered, and sends them again on a new link, in order, so
// that each is taken once. Passive: it has no thread and no clock; its owner calls flush() after `wake`, and tick().
//
//   a call     queued ──flush──▶ sent ──answer──▶ done          without a link, or beyond the server's credit, it waits as queued
//              queued ──its time is over──▶ done (not_written: it never left)
//              sent   ──its time is over──▶ abandoned (unknown) ──answer, or link lost──▶ done
#pragma once

#include "actors/base/waiter.hpp"
#include "net/session/channel.hpp"
#include "net/session/session_id.hpp"
#include "net/wire/frames.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace annals::net {

/// What the server says when it accepts a link.
struct session_state {
  bool is_new = true;       // the server had no such session: it has started again, or this is the first link
  std::uint64_t taken = 0;  // the highest sequence number that it has taken
  credit limits;
  std::uint64_t frame_bytes_max = ~std::uint64_t{0};  // of a command or a request, without its length
  token head;                                         // of the server's log
};

class caller {
public:
  using waiter_ptr = std::shared_ptr<detail::waiter>;
  using steady = std::chrono::steady_clock;
  /// What a call needs of the credit.
  enum class kind : std::uint8_t { command, question, delivery };

  /// `wake` is called when flush() has something to send; from any thread, without the lock. `now`: the clock of the time-outs.
  caller(session_id id, std::function<steady::time_point()> now, std::function<void()> wake);
  const session_id& id() const { return id_; }

  /// A command. It gets an id if it has none. Answers as engine::send, and: not_written, if no link was there in time; unknown, if the
  /// answer did not come in time; overloaded beyond the credit; closed; forbidden.
  waiter_ptr send(command_frame what, std::chrono::nanoseconds time_out);
  /// Any other call. Its answer is bytes. Errors: unreachable, in place of not_written; timed_out, in place of unknown.
  /// `waits_for_next_life`: not sent once the server has said goodbye.
  waiter_ptr ask(kind what, std::uint8_t call, std::string_view body, std::chrono::nanoseconds time_out, bool waits_for_next_life = false);

  /// How many answers have come in this session, for the next hello.
  std::uint64_t answers() const;
  /// A link stands. Sends again what the server has not taken.
  void opened(std::shared_ptr<channel> over, const session_state& server);
  /// A frame came on this channel. Errors: what the server must not send.
  result<void> received(const channel& on, frame_kind kind, std::string_view payload);
  /// Why there is no link at present: for the errors of calls that were never sent.
  void note_failure(const error& why);
  /// The link is lost; calls wait for the next one.
  void lost(const channel& on);
  /// Sends what is queued. Returns how many bytes that was. Any thread.
  std::size_t flush();
  /// Answers calls whose time is over. Returns when the next one is over, at the latest.
  std::optional<steady::time_point> tick();
  /// Refuses later calls with this; those that are outstanding go on.
  void refuse(const error& why);
  /// Tells the server that nobody will ask for the session's answers any more.
  void say_goodbye();
  /// Refuses later calls with this, and answers all that are outstanding with it. But commands that may have been taken are unknown, and
  /// those that were never sent not_written.
  void close(const error& why);

  /// Waiting for an answer.
  std::size_t outstanding() const;
  /// Calls in memory: those outstanding, and answered ones between them.
  std::size_t kept() const;
  bool is_linked() const;

private:
  struct entry {
    std::uint64_t sequence = 0;
    kind what = kind::command;
    bool is_sent = false;      // on any link; all that are sent stand before all that are not
    bool is_on_link = false;   // sent on the present link, or taken before it: counts against the server's credit
    bool is_doubtful = false;  // a server that has started again may have taken it in an earlier life
    bool is_done = false;
    bool waits_for_next_life = false;
    std::string frame;  // whole, as it is sent
    waiter_ptr answer;  // null: abandoned or done
    steady::time_point until;
  };
  static constexpr std::size_t kinds = 3;
  /// Both take the bytes of the frame.
  std::optional<error> too_large(std::size_t bytes) const;
  std::optional<error> refusal(kind what, std::size_t bytes) const;
  std::uint32_t most(kind what) const;
  entry& add(kind what, std::string frame, waiter_ptr answer, std::chrono::nanoseconds time_out);
  waiter_ptr queue(std::unique_lock<std::mutex>& lock, entry& made);
  /// The first entry with this number or a higher one.
  std::deque<entry>::iterator entry_from(std::uint64_t sequence);
  void done(entry& e);
  void drop_done();
  void put_on_link(entry& e);
  bool has_room(const entry& e) const;
  /// Sends what is queued and has room.
  void send_more();
  /// Why a call that an earlier life of the server may have taken is not sent again.
  std::optional<error> not_sent_again(const entry& e, bool is_other_history, bool commands_fit) const;
  result<void> said_goodbye(std::string_view payload);
  struct answer_to {
    waiter_ptr waiter;
    detail::outcome given;
  };
  using answers_to = std::vector<answer_to>;
  static void give(answers_to& all);
  result<void> answered(std::string_view payload, answers_to& to);
  void give_up_before_abandoned(answers_to& to);
  void resend(const session_state& server, answers_to& to);

  const session_id id_;
  const std::string hex_;
  const std::function<steady::time_point()> now_;
  const std::function<void()> wake_;

  mutable std::mutex mutex_;        // guards all below
  std::deque<entry> entries_;       // in the order of their numbers, with gaps
  std::size_t done_ = 0;            // of the entries
  std::uint64_t next_ = 1;          // sequence number of the next call
  std::uint64_t unsent_from_ = 1;   // calls from here on are not on the present link
  bool takes_nothing_new_ = false;  // the server has said goodbye on this link
  std::array<std::uint32_t, kinds> in_use_{}, on_link_{};
  std::array<std::uint64_t, kinds> bytes_{}, bytes_on_link_{};
  credit limits_;
  std::uint64_t frame_bytes_max_ = ~std::uint64_t{0};
  token head_;  // of the server, as far as it has said
  std::uint64_t history_ = 0;
  std::shared_ptr<channel> channel_;
  std::string out_;
  bool is_woken_ = false;
  std::uint64_t answers_ = 0, confirmed_ = 0;
  std::optional<error> refusal_;  // of later calls
  bool is_over_ = false;          // closed: no link any more
  std::string last_failure_;      // of a link; empty while there is one
  std::mutex flushing_;           // taken before mutex_
};

}  // namespace annals::net
