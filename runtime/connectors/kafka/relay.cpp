// The host's handle of a relay, and the checks of its options. What the thread works on outlives the handle: a call that hangs is abandoned.
#include "connectors/kafka/relaying.hpp"

#include <annals/remote.hpp>
#include <annals/runtime.hpp>

#include <unistd.h>

#include <system_error>
#include <thread>
#include <utility>

namespace annals::kafka {
namespace {

result<void> within(std::string_view option, long long value, long long least, long long most) {
  if (value >= least && value <= most) return {};
  return error{errc::bad_option, std::string{option},
               std::to_string(value) + " is not within " + std::to_string(least) + " to " + std::to_string(most)};
}

result<void> checked(const relay_options& with) {
  if (with.brokers.empty()) return error{errc::bad_option, "brokers", "must not be empty"};
  if (with.source.empty()) return error{errc::bad_option, "source", "must not be empty: ce_source is a required attribute"};
  const auto batch = static_cast<long long>(with.batch_events_max);
  for (const auto& ok :
       {within("batch_events_max", batch, 1, 65'536), within("in_flight_max", static_cast<long long>(with.in_flight_max), batch, 65'536),
        within("in_flight_bytes_max", static_cast<long long>(with.in_flight_bytes_max), 1'048'576, 1'099'511'627'776),
        within("stop_max (ms)", with.stop_max.count(), 0, 3'600'000)})
    if (!ok) return ok.error();
  publishing how;
  how.name = with.name;
  how.brokers = with.brokers;
  return checked_properties(RD_KAFKA_PRODUCER, with.properties, with.exactly_once ? transactional_fixed(how) : plain_fixed(how));
}

subscription_options subscribed(const relay_options& with) {
  subscription_options made;
  made.from = with.from;
  made.categories = with.categories;
  made.types = with.types;
  made.in_flight_max = with.in_flight_max;
  made.open_max = std::max(made.open_max, 2 * with.in_flight_max);
  made.ack_time_out = std::chrono::hours{24 * 365};  // while the brokers are gone the relay holds its events, and that is no failure of theirs
  made.failure = with.failure;
  made.parked_max = with.parked_max;
  return made;
}

/// Of a runtime or a remote handle.
template <class Node>
result<relay_options> with_store_id(const Node& from, relay_options with) {
  if (with.store_id.empty()) {
    auto id = from.view().store_id();
    if (!id) return std::move(id).error();
    with.store_id = std::move(*id);
  }
  return with;
}

}  // namespace

struct relay::running {
  std::shared_ptr<relaying> shared;
  std::thread thread;
  std::thread supplying;
  pid_t home = getpid();
};

/// The subscription itself finds out about a fork.
subscription& relay::asked() const {
  static subscription none{nullptr};  // answers as a member that was moved from
  return running_ ? running_->shared->asked() : none;
}

result<relay> relay::start(runtime& from, relay_options with) {
  auto complete = with_store_id(from, std::move(with));
  if (!complete) return std::move(complete).error();
  return start_with(from, std::move(*complete));
}

result<relay> relay::start(remote& from, relay_options with) {
  auto complete = with_store_id(from, std::move(with));
  if (!complete) return std::move(complete).error();
  return start_with(from, std::move(*complete));
}

result<relay> relay::start_with(node& from, relay_options with) {
  if (auto ok = checked(with); !ok) return std::move(ok).error();
  if (with.positions_topic.empty()) with.positions_topic = "annals-relay-" + with.name;
  auto in = from.subscribe(with.name, subscribed(with));
  if (!in) return std::move(in).error();
  auto id = with.store_id;
  auto one = std::make_unique<running>();
  one->shared = std::make_shared<relaying>(std::move(with), std::move(id), std::move(*in));
  try {
    one->supplying = std::thread{[shared = one->shared] { shared->supply_events(); }};
    one->thread = std::thread{[shared = one->shared] { shared->run(); }};
  } catch (const std::system_error& why) {
    if (one->supplying.joinable()) {
      one->shared->give_up();
      one->supplying.join();
    }
    return error{errc::no_threads, "a thread for the relay could not be started", why.what()};
  }
  return relay{std::move(one)};
}

relay::relay(std::unique_ptr<running> one) : running_(std::move(one)) {}
relay::relay(relay&&) noexcept = default;
relay& relay::operator=(relay&& other) noexcept {
  if (this == &other) return *this;
  stop();
  running_ = std::move(other.running_);
  return *this;
}
relay::~relay() { stop(); }

relay_status relay::status() const {
  if (running_ && running_->home == getpid()) return running_->shared->status();
  relay_status none;
  none.is_running = none.is_connected = false;
  return none;
}

annals::metrics relay::metrics() const { return running_ && running_->home == getpid() ? running_->shared->metrics() : annals::metrics{}; }

result<std::vector<parked_event>> relay::parked() const { return asked().parked(); }
pending<void> relay::retry(position at) { return asked().retry(at); }
pending<void> relay::skip(position at) { return asked().skip(at); }

void relay::stop() {
  if (!running_) return;
  if (running_->home != getpid()) {  // the thread is the parent's, and what it locks may be locked for ever
    if (running_->thread.joinable()) {
      running_->thread.detach();
      running_->supplying.detach();
      (void)new std::shared_ptr<relaying>{running_->shared};
    }
    return;
  }
  if (!running_->thread.joinable()) return;
  for (const bool has_ended = running_->shared->stop(); auto* one : {&running_->thread, &running_->supplying}) {
    if (has_ended)
      one->join();
    else
      one->detach();
  }
}

}  // namespace annals::kafka
