// Remembers which pages of the log's file hold which records, as earlier walks through the tree found them, and so spares later walks.
//
// A leaf that has a successor never changes again and stays at its place: records are only appended, and LMDB copies what it
// changes, which is the last leaf and the path to it. So a leaf found in one transaction is valid in all others, including
// earlier ones and those of processes that read beside the writer. Correctness does not depend on it: a wrong page has no
// record with that position and a valid checksum.
#pragma once

#include <annals/receipt.hpp>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <memory>

namespace annals::store {

/// Safe for any number of threads at once.
class leaf_table {
public:
  /// This many positions share an entry of 8 bytes: the leaf that holds the first of them. A leaf that holds fewer positions may have no entry.
  static constexpr position block = 8;
  static constexpr std::uint64_t entries = std::uint64_t{1} << 20;  // 8 MiB if all are used; more distant blocks share entries in turn

  leaf_table();

  struct place {
    std::uint64_t page;   // 0: unknown
    std::uint64_t index;  // within the page
  };

  /// Call it before find(), to fetch the entry from memory in advance.
  void prefetch(position at) const { __builtin_prefetch(&entry(at / block)); }

  place find(position at) const {
    const auto before = read(at / block);
    if (const auto index = before.index + at % block; index < before.count) return {before.page, index};
    const auto next = read(at / block + 1);
    if (const auto left = block - at % block; left <= next.index) return {next.page, next.index - left};
    return {0, 0};
  }

  /// Records that a leaf with a successor holds the positions from `first` to before `end`.
  void add(std::uint64_t page, position first, position end);

private:
  // An entry, from the lowest bit on: page:32 index:10 count:10 turn:12; `turn` tells the blocks that share the entry apart.
  static constexpr unsigned page_bits = 32, index_bits = 10, turn_bits = 12;

  struct leaf {
    std::uint64_t page, index, count;  // `index` is that of the block's first position
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
  std::unique_ptr<std::uint64_t[], free_memory> table_;  // from calloc: it takes memory only where it is used
};

}  // namespace annals::store
