// The server's end of all links: lets peers in that prove their names, and gives each link to its session. Passive: its owner calls
// flush() and tick() after `wake`.
//
//   a link   opened ──hello──▶ challenged ──proof──▶ let in: its messages go to the session
//            no hello or proof in time, a refusal, a malformed message: closed, and counted
#pragma once

#include "net/door/summed_line.hpp"
#include "net/identity/handshake.hpp"
#include "net/identity/peers.hpp"
#include "net/session/link.hpp"
#include "net/session/served_session.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace annals::net {

struct door_setup {
  std::string name;  // of this node
  std::shared_ptr<const node_key> key;
  std::function<store_facts(std::optional<std::uint64_t> known)> facts;
  credit limits{};
  std::uint64_t memory_max = std::uint64_t{512} << 20;                    // of calls and unconfirmed answers of all peers
  std::size_t frame_bytes_max = call_bytes_max + (std::size_t{1} << 20);  // of a command or a request
  std::chrono::milliseconds hello_time_out{2'000};
  std::chrono::milliseconds session_kept{60'000};  // after its link was lost
  std::size_t links_without_hello_max = 64;
  std::size_t sessions_of_a_peer_max = 64;
};

/// What the door has seen since it opened.
struct door_counts {
  std::uint64_t links = 0;            // let in
  std::uint64_t refused = 0;          // could not prove a name, or spoke another version
  std::uint64_t malformed = 0;        // closed for what they sent
  std::uint64_t overrun = 0;          // closed for exceeding their credit
  std::uint64_t timed_out = 0;        // no hello in time
  std::uint64_t forbidden_calls = 0;  // calls for which the peer has no right
};

class door final : public link_owner {
public:
  using steady = std::chrono::steady_clock;
  struct surroundings {
    std::function<steady::time_point()> now;
    std::function<void()> wake;                           // flush() has something to do; from any thread
    std::function<void(const std::string& line)> report;  // for the log; what was refused, in sum
  };
  /// `calls` outlives all sessions. The transport must not call any more when the destructor begins; answers may still come.
  door(door_setup setup, std::shared_ptr<const peers> known, session_calls& calls, surroundings around);
  ~door() override;

  void opened(const std::shared_ptr<link>& l) override;
  void received(const std::shared_ptr<link>& l, std::string_view message) override;
  void lost(const std::shared_ptr<link>& l, const error& why) override;
  /// Sends what the sessions have to send. Returns how many bytes that was. Any thread.
  std::size_t flush();
  /// Closes what took too long, forgets old sessions. Returns when it has to be called again, at the latest.
  std::optional<steady::time_point> tick();
  /// Reports what was refused, if its line is due by then. Returns when the next line is due.
  std::optional<steady::time_point> report_until(steady::time_point due);

  std::shared_ptr<const peers> known() const;
  /// Other peers and rights from now on. Links of peers that are gone, or whose key is, are closed; rights are looked up for each call.
  void set_known(std::shared_ptr<const peers> all);
  void count_forbidden(const served_session& of, std::string_view what);
  door_counts counts() const;

  /// Nothing new is taken: calls are answered with `why`, links refused.
  void refuse(const error& why);
  /// Whether every call taken is answered, and the answers confirmed or their callers gone.
  bool is_quiet() const;
  /// Ends all links.
  void close();

private:
  struct guest {
    enum class phase : std::uint8_t { opened, challenged, let_in } at = phase::opened;
    std::unique_ptr<server_handshake> handshake;
    steady::time_point until;
    std::shared_ptr<served_session> session;
    std::shared_ptr<channel> over;
    public_key key;          // that the peer has proven
    bool is_closed = false;  // what still comes is dropped
  };
  struct kept_session {
    std::shared_ptr<served_session> session;
    std::optional<steady::time_point> until;  // while it has no link
  };
  result<void> step(guest& g, const std::shared_ptr<link>& l, std::string_view message);
  result<void> let_in(guest& g, const std::shared_ptr<link>& l, server_handshake::done done);
  result<std::shared_ptr<served_session>> session_of(const hello& peer);
  void turn_away(std::unique_lock<std::mutex>& lock, const std::shared_ptr<link>& l, const error& why);
  void count(const error& why);

  const door_setup setup_;
  server_identity identity_;
  session_calls& calls_;
  const std::shared_ptr<share_of_peers> bytes_;
  const surroundings around_;
  mutable std::mutex mutex_;  // guards all below
  std::shared_ptr<const peers> known_;
  std::map<link*, guest> guests_;
  std::map<session_id, kept_session> sessions_;
  std::optional<error> refusal_;
  door_counts counts_;
  summed_line forbidden_{"calls forbidden"}, refused_{"links refused"}, closed_{"links closed for what they sent"};
  /// The sessions that have something to send. Answers may come when the door is gone: sessions share it.
  struct bell {
    std::mutex mutex;
    std::vector<std::weak_ptr<served_session>> rung;
    std::function<void()> wake;  // empty when the door is gone
    void ring(served_session& by);
  };
  const std::shared_ptr<bell> bell_ = std::make_shared<bell>();
};

}  // namespace annals::net
