// What replicas ask for: records after a position, and changes of the control table. A pull waits until there is something. Records are sent
// as soon as they are durable, even if LMDB does not have them yet: a restart of the source recovers them from the front.
#pragma once

#include "actors/host/engine.hpp"
#include "net/session/served_session.hpp"
#include "net/wire/copy_calls.hpp"

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace annals::net {

class pulls {
public:
  explicit pulls(detail::engine& of) : engine_(of) {}
  ~pulls() { stop(); }
  pulls(const pulls&) = delete;
  pulls& operator=(const pulls&) = delete;

  /// Answers at once if there is something, or if the call does not wait; later otherwise. Errors of the answer: history_differs, if the
  /// caller has other records; no_threads.
  void take(const std::shared_ptr<served_session>& of, const taken_call& taken, const pull_call& asked);
  /// Answers what waits.
  void stop();

private:
  using steady = std::chrono::steady_clock;
  struct waiting {
    std::shared_ptr<served_session> of;
    taken_call taken;
    pull_call asked;
    steady::time_point until;
  };
  bool has_something(const pull_call& asked) const;
  detail::outcome answer_to(const pull_call& asked) const;
  result<void> check(const pull_call& asked) const;
  result<void> add_control(const pull_call& asked, pull_answer& to) const;
  void answer(const waiting& one, const std::optional<error>& why) const;
  void run();
  bool turn();

  detail::engine& engine_;
  std::mutex mutex_;
  std::vector<waiting> waiting_;  // guarded
  bool ends_ = false;             // guarded
  std::thread thread_;            // guarded; started by the first pull that waits
};

}  // namespace annals::net
