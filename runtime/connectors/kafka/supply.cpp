#include "connectors/kafka/supply.hpp"

#include <exception>
#include <iterator>
#include <utility>

namespace annals::kafka {

using std::chrono::milliseconds;

void supply::run() noexcept {
  try {
    while (may_take()) take_one();
  } catch (const std::exception& why) {  // no memory
    fail(error{errc::unknown, "the relay has failed", why.what()});
  } catch (...) {
    fail(error{errc::unknown, "the relay has failed"});
  }
  const std::lock_guard lock{mutex_};
  is_taking_ = false;
  has_ended_ = true;
  changed_.notify_all();
}

void supply::fail(error why) {
  const std::lock_guard lock{mutex_};
  error_ = std::move(why);
  is_taking_ = false;
  changed_.notify_all();
}

bool supply::fits() const { return events_ == 0 || (events_ + with_.batch_events_max <= with_.in_flight_max && bytes_ < with_.in_flight_bytes_max); }

bool supply::may_take() {
  std::unique_lock lock{mutex_};
  changed_.wait(lock, [&] { return is_closed_ || (!is_paused_ && !error_ && fits()); });
  is_taking_ = !is_closed_;
  newest_ += is_taking_;
  return is_taking_;
}

void supply::take_one() {
  auto some = from_.next(with_.batch_events_max, relay_take_max);
  if (!some) return fail(std::move(some).error());
  auto made = some->empty() ? nullptr : made_of(std::move(*some));
  const std::lock_guard lock{mutex_};
  is_taking_ = false;
  if (made) {
    events_ += made->all.size();
    bytes_ += made->bytes;
    made->number = newest_;
    ready_.push_back(std::move(made));
  }
  changed_.notify_all();
}

std::unique_ptr<shipment> supply::made_of(std::vector<delivered> events) {
  std::unique_ptr<shipment> made;
  {
    const std::lock_guard lock{mutex_};
    if (!spare_.empty()) made = std::move(spare_.back()), spare_.pop_back();
  }
  if (!made) made = std::make_unique<shipment>();
  made->events = std::move(events);
  made->all.resize(made->events.size());
  for (std::size_t i = 0; i < made->all.size(); ++i) {
    auto& one = made->all[i];
    one.event = &made->events[i];
    one.shipment = newest_;  // changed by this thread alone
    const auto& record = one.event->record;
    one.topic = topic_of(record, one.why);
    if (one.topic.empty()) {
      one.became = fate::refused;
    } else if (auto payload = payload_of(record, with_.format); payload) {
      one.payload = std::move(*payload);
      if (with_.exactly_once) one.headers = headers_of(record, store_id_, with_.source, with_.format);
    } else {
      one.became = fate::refused;
      one.why = payload.error().message();
    }
    made->bytes += record.payload.size() + one.payload.size() + record.stream.size();
  }
  return made;
}

std::string supply::topic_of(const record_view& record, std::string& why) const {
  if (!with_.topic) return with_.topic_prefix + std::string{record.category()};
  try {
    auto topic = with_.topic(record);
    if (topic.empty()) why = "the topic function gave no topic";
    return topic;
  } catch (const std::exception& thrown) {
    why = std::string{"the topic function threw: "} + thrown.what();
  } catch (...) {
    why = "the topic function threw";
  }
  return {};
}

result<std::unique_ptr<shipment>> supply::take(milliseconds at_most) {
  std::unique_lock lock{mutex_};
  changed_.wait_for(lock, at_most, [&] { return !ready_.empty() || error_ || is_closed_; });
  if (!ready_.empty()) {
    auto next = std::move(ready_.front());
    ready_.pop_front();
    return next;
  }
  if (!error_) return std::unique_ptr<shipment>{};
  auto why = *std::exchange(error_, std::nullopt);
  changed_.notify_all();
  return why;
}

std::uint64_t supply::newest() const {
  const std::lock_guard lock{mutex_};
  return newest_;
}

bool supply::has_ready(std::size_t events_max) const {
  const std::lock_guard lock{mutex_};
  return !ready_.empty() && ready_.front()->all.size() <= events_max;
}

void supply::release(std::unique_ptr<shipment> one) {
  const auto events = one->all.size();
  const auto bytes = std::exchange(one->bytes, 0);
  one->all.clear();
  one->events = {};
  one->delivered_before = 0;
  const std::lock_guard lock{mutex_};
  events_ -= events;
  bytes_ -= bytes;
  constexpr std::size_t kept_max = 8;
  if (spare_.size() < kept_max) spare_.push_back(std::move(one));
  changed_.notify_all();
}

bool supply::is_full() const {
  const std::lock_guard lock{mutex_};
  return !fits();
}

std::size_t supply::held_events() const {
  const std::lock_guard lock{mutex_};
  return events_;
}

std::size_t supply::held_bytes() const {
  const std::lock_guard lock{mutex_};
  return bytes_;
}

shipments supply::pause(const std::function<bool()>& is_over) {
  std::unique_lock lock{mutex_};
  is_paused_ = true;
  while (is_taking_) {
    changed_.wait_for(lock, milliseconds{50});
    lock.unlock();
    const bool ends = is_over();
    lock.lock();
    if (ends) break;
  }
  return std::exchange(ready_, {});
}

void supply::resume(shipments not_begun) {
  const std::lock_guard lock{mutex_};
  ready_.insert(ready_.begin(), std::make_move_iterator(not_begun.begin()), std::make_move_iterator(not_begun.end()));
  is_paused_ = false;
  changed_.notify_all();
}

void supply::close() {
  const std::lock_guard lock{mutex_};
  is_closed_ = true;
  changed_.notify_all();
}

bool supply::is_taking() const {
  const std::lock_guard lock{mutex_};
  return is_taking_;
}

bool supply::has_ended() const {
  const std::lock_guard lock{mutex_};
  return has_ended_;
}

void supply::wait_for_end() {
  std::unique_lock lock{mutex_};
  changed_.wait(lock, [&] { return has_ended_; });
}

}  // namespace annals::kafka
