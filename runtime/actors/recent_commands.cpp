#include "actors/recent_commands.hpp"

#include <xxhash.h>

#include <algorithm>

namespace annals::actors {
namespace {
constexpr std::size_t linear_max = 128;  // fewer are searched one by one

XXH128_hash_t hash_of(std::string_view id) { return XXH3_128bits(id.data(), id.size()); }
}  // namespace

const remembered* recent_commands::find(std::string_view id) const {
  const auto hash = hash_of(id);
  const auto is_it = [&](const remembered& r) { return r.id_low == hash.low64 && r.id_high == hash.high64; };
  if (by_id_.empty()) {
    const auto found = std::find_if(entries_.begin() + static_cast<std::ptrdiff_t>(first_), entries_.end(), is_it);
    return found == entries_.end() ? nullptr : &*found;
  }
  const auto found = by_id_.find(hash.low64);
  if (found == by_id_.end()) return nullptr;
  const auto& entry = at(found->second);
  return is_it(entry) ? &entry : nullptr;
}

void recent_commands::remember(std::string_view id, std::uint64_t fingerprint, annals::version version,
                               position at_most) {
  const auto hash = hash_of(id);
  if (at_most != 0 && bounded_ == next_) bounded_ = next_ + 1;
  entries_.push_back({hash.high64, hash.low64, fingerprint, version, at_most});
  const auto number = next_++;
  if (!by_id_.empty())
    by_id_[hash.low64] = number;
  else if (size() > linear_max)
    for (auto n = next_ - size(); n < next_; ++n) by_id_[at(n).id_low] = n;
  if (at_most != 0) forget_old(at_most);
}

void recent_commands::fenced(std::uint64_t count, position head) {
  for (bounded_ = std::max(bounded_, next_ - size()); bounded_ < count; ++bounded_)
    if (at(bounded_).at_most == 0) at(bounded_).at_most = head;
  forget_old(head);
}

void recent_commands::forget_old(position head) {
  while (size() > kept_min) {
    const auto& oldest = entries_[first_];
    if (oldest.at_most == 0 || oldest.at_most + window > head) break;
    forgotten_ = std::max(forgotten_, oldest.at_most);
    if (const auto found = by_id_.find(oldest.id_low); found != by_id_.end() && found->second == next_ - size())
      by_id_.erase(found);
    ++first_;
  }
  if (first_ > 64 && first_ * 2 > entries_.size()) {
    entries_.erase(entries_.begin(), entries_.begin() + static_cast<std::ptrdiff_t>(first_));
    first_ = 0;
  }
}

}  // namespace annals::actors
