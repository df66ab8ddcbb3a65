// What waits for one actor, filled by many threads: it is woken once for all that waits, and takes all of it at once.
// Each thread's things keep their order. Thread-safe.
#pragma once

#include <mutex>
#include <utility>

namespace annals::actors {

template <class Batch>
class inbox {
public:
  /// `add` puts something into the batch. True when the reader has to be woken.
  template <class Add>
  bool put(Add&& add) {
    const std::lock_guard lock{mutex_};
    if (closed_) return false;
    add(batch_);
    return !std::exchange(awake_, true);
  }

  /// Hands out what waits, and takes an empty batch in its place, whose memory is used again. The next put() wakes.
  void take(Batch& empty) {
    const std::lock_guard lock{mutex_};
    std::swap(batch_, empty);
    awake_ = false;
  }

  /// The reader has ended: what waits is dropped, and all that comes later.
  void close() {
    Batch dropped;
    const std::lock_guard lock{mutex_};
    closed_ = true;
    std::swap(batch_, dropped);
  }

private:
  std::mutex mutex_;
  Batch batch_;
  bool awake_ = false;
  bool closed_ = false;
};

}  // namespace annals::actors
