// Which messages of a partition have been answered, and so up to where its offset may be committed. Pure; property-tested.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <utility>

namespace annals::kafka {

class partition_offsets {
public:
  /// Offsets come in increasing order, with gaps: those of control records and of compacted messages.
  void taken(std::int64_t offset) {
    next_ = offset + 1;
    ++count_;
    const auto at = place_of(offset);
    if (at != all_.end() && at->offset == offset)
      at->is_open = true;  // it came once more
    else
      all_.insert(at, {offset, true});
  }
  void answered(std::int64_t offset) {
    const auto at = place_of(offset);
    if (at == all_.end() || at->offset != offset || !at->is_open) return;
    at->is_open = false;
    --count_;
    while (!all_.empty() && !all_.front().is_open) all_.pop_front();
    tidy();
  }
  bool is_open(std::int64_t offset) const {
    const auto at = place_of(offset);
    return at != all_.end() && at->offset == offset && at->is_open;
  }
  std::size_t open() const { return count_; }
  /// In memory: those that are open, and answered ones behind an open one.
  std::size_t kept() const { return all_.size(); }

  /// Everything before is answered; empty before the first message.
  std::optional<std::int64_t> answered_to() const { return next_ == 0 ? std::nullopt : std::optional{low()}; }

  /// What to commit: the next offset that a member is to take. Empty if nothing has changed since committed().
  std::optional<std::int64_t> to_commit() const { return low() > committed_ ? std::optional{low()} : std::nullopt; }
  void committed(std::int64_t offset) { committed_ = offset; }

private:
  struct message {
    std::int64_t offset;
    bool is_open;
  };
  using messages = std::deque<message>;

  /// One that stays open would keep all behind it.
  void tidy() {
    constexpr std::size_t few = 64;
    if (all_.size() <= few || all_.size() <= 4 * count_) return;
    std::erase_if(all_, [](const message& one) { return !one.is_open; });
  }

  std::int64_t low() const { return all_.empty() ? next_ : all_.front().offset; }

  /// The first message with this offset or a higher one. Most often there are no gaps, so it is where its offset says.
  messages::iterator place_of(std::int64_t offset) { return all_.begin() + (std::as_const(*this).place_of(offset) - all_.cbegin()); }
  messages::const_iterator place_of(std::int64_t offset) const {
    if (all_.empty() || offset > all_.back().offset) return all_.end();
    if (offset <= all_.front().offset) return all_.begin();
    const auto distance = std::min<std::int64_t>(offset - all_.front().offset, static_cast<std::int64_t>(all_.size()) - 1);
    const auto guess = all_.begin() + distance;
    if (guess->offset == offset) return guess;
    return std::lower_bound(all_.begin(), all_.end(), offset, [](const message& one, std::int64_t wanted) { return one.offset < wanted; });
  }

  messages all_;  // ascending; the first one is open
  std::size_t count_ = 0;
  std::int64_t next_ = 0;
  std::int64_t committed_ = 0;
};

}  // namespace annals::kafka
