// Keeps a read model from being read while it is written. Made for many threads that read for a moment, again and
// again, and for one writer that has a batch now and then.
//
// A reader counts itself in a place that few other threads use, and is in, unless a writer is in or waits: two
// instructions on a line of memory that no other processor has touched. A writer waits for those who are in, and
// keeps new ones out. Who was kept out is let in, all together, when the writer leaves, and the next writer waits for
// them: neither side starves the other. Whoever waits, sleeps.
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

  /// A thread that reads a model already may do so: it does not wait for a writer that waits for it.
  void lock_shared() {
    auto& mine = my_place();
    // Counted first, then looked, and a writer does it the other way round: one of the two sees the other.
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

  /// False where it would wait.
  bool try_lock_shared();

  void lock();
  void unlock();

  /// Whether this thread writes a model just now, and must not wait for any: the one that writes the other may wait for this one.
  static bool is_writer() { return written_by_this_thread != nullptr; }
  /// Whether it writes this one.
  bool is_mine() const { return written_by_this_thread == this; }

  /// Readers that wait for the writer that is in, or for the one that waits.
  std::size_t readers_kept_out() const;

private:
  struct alignas(64) place {
    std::atomic<std::uint32_t> inside{0};
    std::uint32_t kept_out = 0;  // under the mutex
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
  static inline thread_local std::uint32_t reads_of_this_thread = 0;  // of any model
  static inline thread_local const model_lock* written_by_this_thread = nullptr;

  std::array<place, 16> places_;
  std::atomic<bool> is_closed_{false};  // a writer is in, or waits for readers; written under the mutex
  mutable std::mutex mutex_;
  bool is_written_ = false;   // a writer is in
  std::uint64_t writers_ = 0;  // that have left
  std::condition_variable left_;  // a writer has
  std::condition_variable read_;  // a reader has left while a writer waited
};

}  // namespace annals::actors
