// A hash table of things by the name of their stream. Open addressing with the hashes beside the pointers: a look-up touches
// one place of the table and the thing itself. With many streams neither is in a cache, and both can be prefetched.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace annals::store {

std::uint64_t hash_of_stream(std::string_view stream);

/// A Thing has `hash`, as returned by hash_of_stream(), and `stream`, comparable with a string_view. The caller owns the
/// things and must not move them while they are in the table.
template <class Thing>
class stream_table {
public:
  Thing* find(std::uint64_t hash, std::string_view stream) const {
    for (auto i = home(hash); slots_[i].thing; i = next(i))
      if (slots_[i].hash == hash && slots_[i].thing->stream == stream) return slots_[i].thing;
    return nullptr;
  }

  /// The table must not contain a thing of this stream.
  void insert(Thing& thing) {
    if (2 * ++size_ > slots_.size()) grow();
    put({thing.hash, &thing});
  }

  /// The table must contain the thing.
  void erase(const Thing& thing) {
    auto gap = home(thing.hash);
    while (slots_[gap].thing != &thing) gap = next(gap);
    // Entries after the gap that a look-up would no longer find move into it.
    for (auto i = next(gap); slots_[i].thing; i = next(i))
      if (((i - home(slots_[i].hash)) & mask()) >= ((i - gap) & mask())) slots_[std::exchange(gap, i)] = slots_[i];
    slots_[gap] = {};
    --size_;
  }

  void clear() {
    slots_.assign(slots_.size(), {});
    size_ = 0;
  }

  std::size_t size() const { return size_; }

  /// Call prefetch_slot(), some time later prefetch_thing(), and again later find().
  void prefetch_slot(std::uint64_t hash) const { __builtin_prefetch(&slots_[home(hash)]); }
  void prefetch_thing(std::uint64_t hash) const {
    for (auto i = home(hash); slots_[i].thing; i = next(i))
      if (slots_[i].hash == hash) return __builtin_prefetch(slots_[i].thing);
  }

private:
  struct slot {
    std::uint64_t hash = 0;
    Thing* thing = nullptr;  // null: free
  };

  std::size_t mask() const { return slots_.size() - 1; }
  std::size_t next(std::size_t i) const { return (i + 1) & mask(); }
  /// Uses the upper bits: the lower ones may be equal for all streams (they choose a shard).
  std::size_t home(std::uint64_t hash) const { return hash >> (64 - std::countr_zero(slots_.size())); }

  void put(slot made) {
    auto i = home(made.hash);
    while (slots_[i].thing) i = next(i);
    slots_[i] = made;
  }

  void grow() {
    const auto old = std::exchange(slots_, std::vector<slot>(4 * slots_.size()));
    for (const auto& one : old)
      if (one.thing) put(one);
  }

  std::vector<slot> slots_ = std::vector<slot>(64);  // a power of two; at least half of them are free
  std::size_t size_ = 0;
};

}  // namespace annals::store
