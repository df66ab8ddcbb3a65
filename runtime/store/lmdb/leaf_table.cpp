#include "store/lmdb/leaf_table.hpp"

#include <new>

namespace annals::store {

leaf_table::leaf_table() : table_(static_cast<std::uint64_t*>(std::calloc(entries, sizeof(std::uint64_t)))) {
  if (!table_) throw std::bad_alloc{};
}

void leaf_table::add(std::uint64_t page, position first, position end) {
  const auto count = end - first;
  if (page >> page_bits != 0 || count >> index_bits != 0) return;  // larger than any file or page today
  for (auto number = (first + block - 1) / block; number * block < end; ++number) {
    const auto index = number * block - first;
    const auto bits = page | index << page_bits | count << (page_bits + index_bits) | turn_of(number) << (page_bits + 2 * index_bits);
    std::atomic_ref{entry(number)}.store(bits, std::memory_order_release);
  }
}

}  // namespace annals::store
