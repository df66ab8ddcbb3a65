// Memory for objects of one size that one thread creates and another frees, again and again. Each thread keeps some places and exchanges
// them with a shared list, 64 at a time. Memory is not returned to the system: the peak stays allocated. Thread-safe.
#pragma once

#include "store/os/forks.hpp"

#include <cstddef>
#include <mutex>
#include <new>
#include <vector>

namespace annals::actors {

template <std::size_t Bytes>
class recycled_memory {
public:
  static void* take() {
    if (thread_ends) return ::operator new(Bytes);
    auto& mine = mine_();
    if (mine.empty()) fill(mine);
    void* place = mine.back();
    mine.pop_back();
    return place;
  }
  static void give(void* place) {
    if (thread_ends) return ::operator delete(place);
    auto& mine = mine_();
    mine.push_back(place);
    if (mine.size() >= 2 * hand_over) hand_back(mine, hand_over);
  }

private:
  static constexpr std::size_t hand_over = 64;

  struct shared {
    std::mutex mutex;
    std::vector<void*> places;
  };
  struct list : std::vector<void*> {
    ~list() {
      hand_back(*this, size());
      thread_ends = true;
    }
  };
  /// True when the list of this thread is destroyed. What is freed after that, such as by a static of the main thread, does not use it.
  static inline thread_local bool thread_ends = false;
  static list& mine_() {
    thread_local list places;
    return places;
  }
  static shared& all() {
    static constinit store::per_process<shared> one;
    return one.get();
  }

  static void fill(list& mine) {
    {
      const std::lock_guard lock{all().mutex};
      for (auto& places = all().places; !places.empty() && mine.size() < hand_over; places.pop_back()) mine.push_back(places.back());
    }
    if (mine.empty()) mine.push_back(::operator new(Bytes));
  }
  static void hand_back(list& mine, std::size_t count) {
    const std::lock_guard lock{all().mutex};
    for (; count > 0; --count, mine.pop_back()) all().places.push_back(mine.back());
  }
};

/// For std::allocate_shared.
template <class T>
struct recycling_allocator {
  using value_type = T;
  recycling_allocator() = default;
  template <class U>
  recycling_allocator(const recycling_allocator<U>&) {}
  T* allocate(std::size_t) { return static_cast<T*>(recycled_memory<sizeof(T)>::take()); }  // one at a time
  void deallocate(T* place, std::size_t) { recycled_memory<sizeof(T)>::give(place); }
  friend bool operator==(const recycling_allocator&, const recycling_allocator&) { return true; }
};

}  // namespace annals::actors
