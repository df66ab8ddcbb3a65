// The lock of a read model: many readers or one writer. Made for many threads that read briefly and often, and for one writer that
// applies a batch now and then.
//
// A reader counts itself in a place that few other threads use, and is in unless a writer is in or waits: two instructions on a cache
// line that usually no other processor uses. A writer waits for the readers that are in and keeps new ones out. When it leaves, all
// readers that were kept out enter together, and the next writer waits for them: neither side starves the other. Waiting threads sleep.
//
// std::shared_lock, std::unique_lock and std::condition_variable_any work with it.
#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>

namespace annals::actors {

class model_lock {
public:
  model_lock() = default;
  model_lock(const model_lock&) = delete;
  model_lock& operator=(const model_lock&) = delete;

  /// Also for a thread that already reads a model: it does not wait for a writer that waits for readers to leave.
  void lock_shared() {
    auto& mine = my_place();
    // A reader counts itself, then checks for a writer; a writer does the reverse: one of them sees the other.
    mine.inside.fetch_add(1);
    if (is_closed_.load()) [[unlikely]]
      wait_for_writer(mine);
    ++reads_of_this_thread;
  }
  void unlock_shared() {
    --reads_of_this_thread;
    my_place().inside.fetch_sub(1);
    if (is_closed_.load()) [[unlikely]]
      tell_writer();
  }

  void lock();
  void unlock();

  /// Whether this thread is writing a model. It must not wait for another model then: that one's writer may be waiting for this model.
  static bool is_writer() { return written_by_this_thread != nullptr; }

  /// The number of readers that wait for a writer to leave.
  std::size_t queued_readers() const;

private:
  struct alignas(64) place {
    std::atomic<std::uint32_t> inside{0};
    std::uint32_t queued = 0;  // guarded by the mutex
  };

  place& my_place() {
    if (number_of_this_thread == no_number) [[unlikely]]
      number_of_this_thread = next_number.fetch_add(1) % places_.size();
    return places_[number_of_this_thread];
  }
  bool is_empty() const;
  void wait_for_writer(place& mine);
  void tell_writer();

  static constexpr std::size_t no_number = ~std::size_t{0};
  static inline std::atomic<std::size_t> next_number{0};
  static inline thread_local std::size_t number_of_this_thread = no_number;
  static inline thread_local std::uint32_t reads_of_this_thread = 0;  // reads of any model
  static inline thread_local const model_lock* written_by_this_thread = nullptr;

  std::array<place, 16> places_;
  std::atomic<bool> is_closed_{false};  // a writer is in, or waits for readers; written under the mutex
  mutable std::mutex mutex_;
  bool is_written_ = false;       // a writer is in
  std::uint64_t writers_ = 0;     // number of writers that have left
  std::condition_variable left_;  // signals: a writer has left
  std::condition_variable read_;  // signals: a reader has left while a writer waited
};

}  // namespace annals::actors
