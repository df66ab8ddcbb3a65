// The relay's threads. One takes events from the subscription and makes messages of them (supply.hpp); the other publishes them and answers the
// subscription:
//
//   take ─▶ begin ─▶ acknowledge what was delivered, from the oldest batch on     (several batches are under way)
//             │ trouble, or an event that was tried before
//             └─▶ settle: wait for all, take nothing ─▶ publish together ─▶ acknowledge
//                                                             │ suspect
//                                                             └─▶ publish apart ─▶ acknowledge, or refuse (nack) and drop what
//                                                                                  follows in the stream: it comes again
#pragma once

#include "connectors/kafka/supply.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace annals::kafka {

class relaying {
public:
  relaying(relay_options with, std::string store_id, subscription in);

  void run() noexcept;
  /// The other thread. It has ended when run() returns.
  void supply_events() noexcept {
    if (with_.background) run_in_background();
    supply_.run();
  }
  /// If run() could not be started.
  void give_up() {
    supply_.close();
    in_.leave();
  }
  relay_status status() const;
  annals::metrics metrics() const;
  /// For questions about parked events, from any thread; next() is for this relay alone.
  subscription& asked() { return in_; }
  /// Whether the thread has ended by itself in time.
  bool stop();

private:
  void work();
  void open();
  publishing how(std::string store_id);
  void step();
  void begin(std::size_t first);
  bool is_known(outgoing& one) const;
  std::vector<outgoing*> all_under_way() const;
  void acknowledge_delivered();
  void settle();
  /// Whether something was settled. `left` keeps what is not.
  bool publish_once(std::vector<outgoing*>& left);
  result<void> attempt(const std::vector<outgoing*>& together, const std::vector<outgoing*>& apart);
  bool answer(std::vector<outgoing*>& left);

  void put_under_way(std::unique_ptr<shipment> one);
  void acknowledge(const std::vector<const outgoing*>& done);
  void acknowledge(std::vector<position> all, std::uint64_t life);
  void refuse(position at, std::uint64_t life, std::string why);
  void serve_answers();
  void acknowledged(std::vector<position> all);
  void serve_doubtful();
  void acknowledge_doubtful();
  void forget_acknowledged();
  void wait_for_answers();

  template <class Change>
  void count(Change&& by) {
    const std::lock_guard lock{mutex_};
    by(status_);
  }
  void failed(const error& why);
  void went_well();
  /// Ends the relay.
  void end(error why);
  std::uint64_t failures() const;
  bool is_stopping() const;
  bool is_over() const;
  void pause();

  /// An answer to the subscription that is not yet known to be stored.
  struct answer_sent {
    std::vector<position> positions;
    std::uint64_t life;   // in which they were handed out
    std::string refusal;  // empty: an acknowledgement
    pending<void> answer;
  };

  const relay_options with_;
  subscription in_;
  supply supply_;
  shipments under_way_;
  std::unique_ptr<publisher> publisher_;
  bool is_open_ = false;
  std::set<std::string> suspects_;  // topics whose events are published apart, until that has gone well
  std::deque<answer_sent> answers_;

  // With exactly_once. A node that restarts hands out again every event that was not acknowledged. The relay may have published it already, or
  // still hold it.
  struct acknowledged_then {
    std::vector<position> positions;
    std::uint64_t newest;  // shipment at that time: copies are in this one at the latest
  };
  std::deque<acknowledged_then> acknowledged_;  // not forgotten yet
  std::optional<answer_sent> doubtful_;         // the acknowledgement of doubtful events that has no answer yet
  steady::time_point doubtful_at_{};
  std::uint64_t begun_ = 0;  // number of the last shipment under way

  std::chrono::milliseconds pause_{0};
  bool has_warned_ = false;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  relay_status status_;
  std::uint64_t failures_ = 0;
  bool is_stopping_ = false;
  steady::time_point over_at_{};
};

}  // namespace annals::kafka
