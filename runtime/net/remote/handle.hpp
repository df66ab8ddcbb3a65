// What a remote handle is made of: the session, the link and the threads that move them.
#pragma once

#include "actors/base/longest_wait.hpp"
#include "net/link/dialer.hpp"
#include "net/link/link_system.hpp"
#include "net/session/caller.hpp"
#include "net/session/pump.hpp"
#include "net/session/uplink.hpp"
#include "net/wire/calls.hpp"
#include "store/os/forks.hpp"

#include <annals/codec.hpp>
#include <annals/remote.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace annals::net {

class handle {
public:
  static result<std::shared_ptr<handle>> open(std::vector<std::string> addresses, remote_options with);
  ~handle();
  handle(const handle&) = delete;
  handle& operator=(const handle&) = delete;

  /// False in a child of a fork, where nothing may be touched.
  bool is_ours() const { return home_.is_this_one(); }
  const remote_options& options() const { return with_; }
  caller& calls() { return calls_; }

  /// Never waits.
  std::shared_ptr<detail::waiter> send(std::string_view category, std::string_view key, std::string_view command, std::string body,
                                       send_options with);
  /// Never waits. `more`: time beside the options' time_out.
  template <class Asked>
  std::shared_ptr<detail::waiter> ask(call what, const Asked& asked, std::chrono::milliseconds more = {}) {
    const auto kind = is_delivery(what) ? caller::kind::delivery : caller::kind::question;
    const auto bounded = std::clamp<std::chrono::milliseconds>(more, {}, actors::longest_wait);
    return calls_.ask(kind, static_cast<std::uint8_t>(what), encoded(asked), with_.time_out + bounded, waits_for_next_life(what));
  }
  /// Waits for the answer's bytes. Errors: misuse, where a call must not wait.
  template <class Asked>
  result<std::string> answer_to(call what, const Asked& asked) {
    if (!detail::may_wait()) return detail::must_not_wait("a call to another node");
    auto given = ask(what, asked)->await();
    if (!given) return std::move(given).error();
    return std::move(given->bytes);
  }

  bool is_closed();
  result<void> wait_for_link(std::chrono::milliseconds time_out);
  void close(std::chrono::milliseconds at_most);

private:
  handle(session_id id, uplink_setup setup, remote_options with);
  void dial(const std::string& to);
  void tell(const link_event& what);

  const store::home_process home_;
  const remote_options with_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<error> last_failure_;  // guarded
  bool is_closed_ = false;             // guarded
  pump pump_;
  caller calls_;
  uplink uplink_;
  std::unique_ptr<link_system> system_;
  std::unique_ptr<dialer> dialer_;
};

/// Frees a handle in a thread that may wait; never in a child of a fork.
void let_go(std::shared_ptr<handle> one);

}  // namespace annals::net
