#include "connectors/kafka/inbox.hpp"

#include <utility>

namespace annals::kafka {

inbox::reply& inbox::expect(std::uint64_t entry, std::uint32_t attempt) {
  if (free_.empty()) free_.push_back(&replies_.emplace_back());
  auto& one = *free_.back();
  free_.pop_back();
  one.to = this;
  one.entry = entry;
  one.attempt = attempt;
  ++expected_;
  return one;
}

void inbox::take(std::vector<reply*>& into) {
  const std::lock_guard lock{mutex_};
  std::swap(all_, into);
}

void inbox::release(reply& one) {
  one.why.reset();
  free_.push_back(&one);
}

void inbox::wait(std::chrono::milliseconds at_most, std::size_t enough, bool for_messages) {
  std::unique_lock lock{mutex_};
  wanted_ = enough;
  changed_.wait_for(lock, at_most, [&] { return all_.size() >= enough || (for_messages && has_messages_); });
  wanted_ = nobody_waits;
  has_messages_ = has_messages_ && !for_messages;
}

void inbox::close() {
  const std::lock_guard lock{mutex_};
  if (put_ < expected_) self_ = shared_from_this();
}

void inbox::put(reply& one) {
  std::shared_ptr<inbox> last;  // ends after the lock
  const std::lock_guard lock{mutex_};
  all_.push_back(&one);
  ++put_;
  if (self_ && put_ == expected_) last = std::move(self_);
  if (all_.size() == wanted_) changed_.notify_one();
}

void inbox::put_messages() {
  const std::lock_guard lock{mutex_};
  has_messages_ = true;
  if (wanted_ != nobody_waits) changed_.notify_one();
}

}  // namespace annals::kafka
