// What a relay takes from its subscription, in a thread of its own, so that events are read and made into messages while earlier ones are
// published. Bounded: what is taken counts until it is released.
#pragma once

#include "connectors/kafka/publisher.hpp"

#include <annals/subscription.hpp>

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace annals::kafka {

using steady = std::chrono::steady_clock;

inline constexpr std::chrono::milliseconds relay_take_max{200};  // so that stop() need not interrupt the subscription

/// One answer of subscription::next(), with its messages. An event that cannot be made into a message is refused.
struct shipment {
  std::vector<delivered> events;
  std::vector<outgoing> all;
  std::size_t bytes = 0;
  std::size_t delivered_before = 0;  ///< all events before this one are delivered
  std::uint64_t number = 0;          ///< rises from one to the next
};
using shipments = std::deque<std::unique_ptr<shipment>>;

class supply {
public:
  supply(const relay_options& with, std::string store_id, subscription& from) : with_(with), store_id_(std::move(store_id)), from_(from) {}

  /// The thread that takes.
  void run() noexcept;

  /// The next one; null if there is none in time. Errors: of subscription::next(), after which the next call has it tried again.
  result<std::unique_ptr<shipment>> take(std::chrono::milliseconds at_most);
  /// What is handed out by the subscription from now on gets a higher number.
  std::uint64_t newest() const;
  /// Whether take() would return one at once, of at most so many events.
  bool has_ready(std::size_t events_max) const;
  /// The caller is done with it. Its vectors are kept for a later shipment, since freeing such large pieces takes long.
  void release(std::unique_ptr<shipment> one);
  /// Whether nothing more is taken until something is released.
  bool is_full() const;
  std::size_t held_events() const;
  std::size_t held_bytes() const;

  /// Returns what was taken and not handed out. Afterwards the thread takes nothing until resume(), unless `is_over` came true meanwhile.
  shipments pause(const std::function<bool()>& is_over);
  /// `not_begun`: what pause() returned, to be handed out by take() all the same.
  void resume(shipments not_begun = {});

  /// Ends the thread, once it is out of subscription::next().
  void close();
  /// Whether the thread is in subscription::next(), or makes messages of its answer.
  bool is_taking() const;
  bool has_ended() const;
  void wait_for_end();

private:
  bool may_take();
  void take_one();
  std::unique_ptr<shipment> made_of(std::vector<delivered> events);
  std::string topic_of(const record_view& record, std::string& why) const;
  bool fits() const;
  void fail(error why);

  const relay_options& with_;
  const std::string store_id_;
  subscription& from_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  shipments ready_;
  shipments spare_;  // empty
  std::optional<error> error_;
  std::size_t events_ = 0;
  std::size_t bytes_ = 0;
  std::uint64_t newest_ = 0;  // number of the shipment that was taken last, or is being taken
  bool is_taking_ = false;
  bool is_paused_ = false;
  bool is_closed_ = false;
  bool has_ended_ = false;
};

}  // namespace annals::kafka
