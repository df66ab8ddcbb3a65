// Objects by number, found without a hash. The memory of one that was removed is used for a later one; its number is not.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <utility>
#include <vector>

namespace annals::kafka {

template <class T>
class slots {
public:
  using number = std::uint64_t;  // never 0

  /// As new, or as it was when another one was removed.
  std::pair<number, T&> add() {
    if (free_.empty()) {
      all_.emplace_back();
      free_.push_back(all_.size() - 1);
    }
    const auto index = free_.back();
    free_.pop_back();
    auto& one = all_[index];
    one.is_used = true;
    return {one.turn << index_bits | index, one.what};
  }
  /// Null if there is none of this number, or no longer. The address stays.
  T* find(number of) {
    const auto index = of & (max_size - 1);
    return index < all_.size() && all_[index].is_used && all_[index].turn == of >> index_bits ? &all_[index].what : nullptr;
  }
  void remove(number of) {
    if (find(of) == nullptr) return;
    auto& one = all_[of & (max_size - 1)];
    one.is_used = false;
    ++one.turn;
    free_.push_back(of & (max_size - 1));
  }
  std::size_t size() const { return all_.size() - free_.size(); }
  void clear() {
    for (std::size_t index = 0; index < all_.size(); ++index)
      if (auto& one = all_[index]; one.is_used) {
        one.what = T{};
        remove(one.turn << index_bits | index);
      }
  }
  bool empty() const { return size() == 0; }

  /// Each with its number, in no order. `visit` must not add or remove.
  template <class Visit>
  void each(Visit&& visit) const {
    for (std::size_t index = 0; index < all_.size(); ++index)
      if (const auto& one = all_[index]; one.is_used) visit(number{one.turn << index_bits | index}, one.what);
  }

private:
  static constexpr unsigned index_bits = 24;
  static constexpr std::size_t max_size = std::size_t{1} << index_bits;
  struct slot {
    T what{};
    std::uint64_t turn = 1;
    bool is_used = false;
  };
  std::deque<slot> all_;
  std::vector<std::size_t> free_;
};

}  // namespace annals::kafka
