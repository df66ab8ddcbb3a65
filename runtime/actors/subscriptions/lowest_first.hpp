// A heap whose items are not removed when they no longer count. Such an item is dropped when it comes up; tidy() drops all of them when they may
// be many. So each item costs one push, without memory of its own.
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <utility>
#include <vector>

namespace annals::actors {

template <class Item>
class lowest_first {
public:
  void push(const Item& one) {
    all_.push_back(one);
    std::push_heap(all_.begin(), all_.end(), std::greater<>{});
  }
  /// The lowest one that still counts; null if there is none. Valid until the next call of this heap.
  template <class Counts>
  const Item* top(const Counts& counts) {
    while (!all_.empty() && !counts(all_.front())) pop();
    return all_.empty() ? nullptr : all_.data();
  }
  void pop() {
    std::pop_heap(all_.begin(), all_.end(), std::greater<>{});
    all_.pop_back();
  }
  /// Drops what does not count, if that may be the majority when `most` items can count.
  template <class Counts>
  void tidy(std::size_t most, const Counts& counts) {
    constexpr std::size_t few = 64;
    if (all_.size() <= few + 2 * most) return;
    std::erase_if(all_, [&](const Item& one) { return !counts(one); });
    std::sort(all_.begin(), all_.end());
    all_.erase(std::unique(all_.begin(), all_.end()), all_.end());  // sorted upward is a heap, too
  }

private:
  std::vector<Item> all_;
};

}  // namespace annals::actors
