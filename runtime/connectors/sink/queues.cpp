#include "connectors/sink/queues.hpp"

#include <algorithm>
#include <iterator>

namespace annals::connectors {
namespace {
constexpr std::size_t events_waiting_max = 16'384;
constexpr std::size_t bytes_waiting_max = std::size_t{32} << 20;
constexpr std::size_t chunks_waiting_max = 1'024;
}  // namespace

std::optional<position> queues::where() {
  std::unique_lock lock{mutex_};
  changed_.wait(lock, [&] { return stopped_ || next_; });
  goes_back_ = false;
  return stopped_ ? std::nullopt : next_;
}

bool queues::is_full() const {
  return std::any_of(waiting_.begin(), waiting_.end(), [](const share& one) {
    return one.events >= events_waiting_max || one.bytes >= bytes_waiting_max || one.chunks.size() >= chunks_waiting_max;
  });
}

void queues::push(std::vector<chunk> shares) {
  std::unique_lock lock{mutex_};
  changed_.wait(lock, [&] { return stopped_ || goes_back_ || !is_full(); });
  if (stopped_ || goes_back_) return;
  next_ = shares.front().up_to + 1;
  for (std::size_t worker = 0; worker < shares.size(); ++worker) {
    auto& to = waiting_[worker];
    to.events += shares[worker].events.size();
    to.bytes += shares[worker].bytes;
    to.chunks.push_back(std::move(shares[worker]));
  }
  changed_.notify_all();
}

std::optional<chunk> queues::take(std::size_t worker, std::size_t events_max, std::chrono::milliseconds at_most) {
  std::unique_lock lock{mutex_};
  auto& from = waiting_[worker];
  const bool has_come = changed_.wait_for(lock, at_most, [&] { return stopped_ || !from.chunks.empty(); });
  if (stopped_) return std::nullopt;
  if (!has_come) return chunk{};
  std::optional<chunk> taken;
  while (!from.chunks.empty()) {
    auto& first = from.chunks.front();
    // What does not follow was read again for another worker: on its own it is seen to be old.
    if (taken && (first.from != taken->up_to + 1 || taken->events.size() + first.events.size() > events_max)) break;
    from.events -= first.events.size();
    from.bytes -= first.bytes;
    if (!taken)
      taken = std::move(first);
    else {
      taken->up_to = first.up_to;
      taken->time = first.time;
      taken->bytes += first.bytes;
      std::move(first.events.begin(), first.events.end(), std::back_inserter(taken->events));
    }
    from.chunks.pop_front();
  }
  changed_.notify_all();
  return taken;
}

void queues::go_back(std::size_t worker, position to) {
  const std::lock_guard lock{mutex_};
  if (next_ && *next_ <= to) return;
  waiting_[worker] = {};
  next_ = to;
  goes_back_ = true;
  changed_.notify_all();
}

void queues::stop() {
  const std::lock_guard lock{mutex_};
  stopped_ = true;
  changed_.notify_all();
}

}  // namespace annals::connectors
