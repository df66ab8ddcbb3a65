#include "actors/write/recent_commands.hpp"

#include <xxhash.h>

#include <algorithm>
#include <bit>

namespace annals::actors {
namespace {
XXH128_hash_t hash_of(std::string_view id) { return XXH3_128bits(id.data(), id.size()); }
}  // namespace

remembered remembered::as(std::string_view id, std::uint64_t fingerprint, annals::version version) {
  const auto hash = hash_of(id);
  return {hash.low64, hash.high64, fingerprint, version};
}

bool recent_commands::may_have(std::uint64_t id_low) const {
  const auto has = [&](std::uint64_t bit) { return (seen_[bit / 64] >> (bit % 64) & 1) != 0; };
  return has(id_low >> 55) && has(id_low >> 46 & 511);
}

void recent_commands::note(std::uint64_t id_low) {
  const auto set = [&](std::uint64_t bit) { seen_[bit / 64] |= std::uint64_t{1} << (bit % 64); };
  set(id_low >> 55);
  set(id_low >> 46 & 511);
}

const remembered* recent_commands::find(std::string_view id) const {
  const auto hash = hash_of(id);
  if (!may_have(hash.low64)) return nullptr;
  const auto is_it = [&](std::size_t i) { return entries_[i].id_low == hash.low64 && entries_[i].id_high == hash.high64; };
  if (slots_.empty()) {
    for (auto i = index_of(oldest_); i < entries_.size(); ++i)
      if (is_it(i)) return &entries_[i];
    return nullptr;
  }
  for (auto slot = slot_of(hash.low64); slots_[slot] != 0; slot = (slot + 1) & (slots_.size() - 1)) {
    const auto number = slots_base_ + slots_[slot] - 1;
    if (number >= oldest_ && is_it(index_of(number))) return &entries_[index_of(number)];
  }
  return nullptr;
}

void recent_commands::remember(std::string_view id, std::uint64_t fingerprint, annals::version version) {
  entries_.push_back(remembered::as(id, fingerprint, version));
  note(entries_.back().id_low);
  const auto number = next_++;
  if (size() <= linear_max) return;
  if (2 * (slots_taken_ + 1) > slots_.size())
    rebuild_slots();
  else
    put_into_slots(number);
}

std::optional<annals::version> recent_commands::first_version() const {
  if (size() == 0) return std::nullopt;
  return entries_[index_of(oldest_)].version;
}

void recent_commands::extend(std::span<const remembered> older, position covered) {
  retained_min_ = remembered_max;
  if (covered >= forgotten_) return;
  drop_front();
  if (!older.empty()) bounds_.insert(bounds_.begin(), {oldest_, forgotten_});
  entries_.insert(entries_.begin(), older.begin(), older.end());
  for (const auto& one : older) note(one.id_low);
  first_ = oldest_ -= older.size();
  forgotten_ = covered;
  if (size() > linear_max) rebuild_slots();
}

void recent_commands::put_into_slots(std::uint64_t number) {
  auto slot = slot_of(entries_[index_of(number)].id_low);
  while (slots_[slot] != 0) slot = (slot + 1) & (slots_.size() - 1);
  slots_[slot] = static_cast<std::uint32_t>(number - slots_base_ + 1);
  ++slots_taken_;
}

void recent_commands::rebuild_slots() {
  slots_.assign(std::bit_ceil(4 * static_cast<std::size_t>(size())), 0);
  slots_taken_ = 0;
  slots_base_ = oldest_;
  for (auto number = oldest_; number < next_; ++number) put_into_slots(number);
}

void recent_commands::fenced(std::uint64_t count, position head) {
  if (count += first_number; count > bounded()) bounds_.push_back({count, head});
  auto old = bounds_.begin();
  for (; old != bounds_.end() && old->head + window <= head && next_ - old->count >= retained_min_; ++old) {
    forgotten_ = old->head;
    oldest_ = old->count;
  }
  bounds_.erase(bounds_.begin(), old);
  if (2 * index_of(oldest_) > entries_.size()) drop_front();
}

/// Removes the forgotten entries from memory.
void recent_commands::drop_front() {
  const auto count = static_cast<std::ptrdiff_t>(index_of(oldest_));
  entries_.erase(entries_.begin(), entries_.begin() + count);
  first_ = oldest_;
  seen_ = {};
  for (const auto& kept : entries_) note(kept.id_low);
}

}  // namespace annals::actors
