#include "actors/follow/model_lock.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace annals::actors {

bool model_lock::is_empty() const {
  return std::all_of(places_.begin(), places_.end(), [](const place& p) { return p.inside.load() == 0; });
}

void model_lock::lock() {
  std::unique_lock lock{mutex_};
  left_.wait(lock, [&] { return !is_closed_; });
  is_closed_ = true;
  read_.wait(lock, [&] { return is_empty(); });
  is_written_ = true;
  written_by_this_thread = this;
}

void model_lock::unlock() {
  written_by_this_thread = nullptr;
  {
    const std::lock_guard lock{mutex_};
    for (auto& p : places_)
      if (p.queued > 0) p.inside += std::exchange(p.queued, 0);
    is_written_ = false;
    ++writers_;
    is_closed_ = false;
  }
  left_.notify_all();
}

std::size_t model_lock::queued_readers() const {
  const std::lock_guard lock{mutex_};
  return std::accumulate(places_.begin(), places_.end(), std::size_t{0}, [](std::size_t sum, const place& p) { return sum + p.queued; });
}

void model_lock::wait_for_writer(place& mine) {
  std::unique_lock lock{mutex_};
  const bool may_pass = reads_of_this_thread > 0 && !is_written_;
  if (!is_closed_ || may_pass) return;
  mine.inside.fetch_sub(1);
  ++mine.queued;
  read_.notify_one();
  // The leaving writer has counted this thread in again.
  left_.wait(lock, [&, before = writers_] { return writers_ != before; });
}

void model_lock::tell_writer() {
  {
    const std::lock_guard lock{mutex_};
  }  // a writer that checked before the change is asleep by now
  read_.notify_one();
}

}  // namespace annals::actors
