// Which pages of the log's file hold which records, as far as walks through the tree have come by: it spares the next walk.
//
// A leaf with another one behind it never changes again and stays where it is: records are only appended, and LMDB copies what
// it changes, which is the last leaf and what leads there. So what was found in one transaction holds in all others, in
// earlier ones too, of this process and of those that read beside it. Nothing rests on it all the same: a page that is not
// what it was taken for has no record with that position and a checksum that holds.
#pragma once

#include <annals/receipt.hpp>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <memory>

namespace annals::store {

/// For any threads at once.
class leaf_table {
public:
  /// So many positions share an entry of 8 bytes: the leaf with the first of them. A leaf that holds fewer may have none.
  static constexpr position block = 8;
  static constexpr std::uint64_t entries = std::uint64_t{1} << 20;  // 8 MiB where all are used; farther blocks take their turns

  leaf_table();

  struct place {
    std::uint64_t page;   // 0: not known
    std::uint64_t index;  // within it
  };

  /// `find` will be asked for it soon.
  void prefetch(position at) const { __builtin_prefetch(&entry(at / block)); }

  place find(position at) const {
    const auto before = read(at / block);
    if (const auto index = before.index + at % block; index < before.count) return {before.page, index};
    const auto behind = read(at / block + 1);
    if (const auto left = block - at % block; left <= behind.index) return {behind.page, behind.index - left};
    return {0, 0};
  }

  /// A leaf that has one behind it holds these positions, from `first` to before `end`.
  void add(std::uint64_t page, position first, position end);

private:
  // An entry: page:32 index:10 count:10 turn:12, from the lowest bit on; `turn`: which of the blocks that share it.
  static constexpr unsigned page_bits = 32, index_bits = 10, turn_bits = 12;

  struct leaf {
    std::uint64_t page, index, count;  // the index of the block's first position
  };
  static std::uint64_t turn_of(position number) { return number / entries % (std::uint64_t{1} << turn_bits); }

  leaf read(position number) const {
    const auto bits = std::atomic_ref{entry(number)}.load(std::memory_order_acquire);
    constexpr auto mask = (std::uint64_t{1} << index_bits) - 1;
    if (bits >> (page_bits + 2 * index_bits) != turn_of(number)) return {};
    return {bits & 0xffffffff, bits >> page_bits & mask, bits >> (page_bits + index_bits) & mask};
  }

  std::uint64_t& entry(position number) const { return table_[number % entries]; }

  struct free_memory {
    void operator()(std::uint64_t* memory) const { std::free(memory); }
  };
  std::unique_ptr<std::uint64_t[], free_memory> table_;  // of calloc: it takes memory where it is used
};

}  // namespace annals::store
