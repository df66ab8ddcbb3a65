// Which messages of a partition have been answered, and so up to where its offset may be committed. Pure; property-tested.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>

namespace annals::kafka {

class partition_offsets {
public:
  /// Offsets come in increasing order, with gaps: those of control records and of compacted messages.
  void taken(std::int64_t offset) {
    open_.insert(std::lower_bound(open_.begin(), open_.end(), offset), offset);
    next_ = offset + 1;
  }
  void answered(std::int64_t offset) {
    const auto found = std::lower_bound(open_.begin(), open_.end(), offset);
    if (found != open_.end() && *found == offset) open_.erase(found);
  }
  bool is_open(std::int64_t offset) const { return std::binary_search(open_.begin(), open_.end(), offset); }
  std::size_t open() const { return open_.size(); }

  /// Everything before is answered; empty before the first message.
  std::optional<std::int64_t> answered_to() const { return next_ == 0 ? std::nullopt : std::optional{open_.empty() ? next_ : open_.front()}; }

  /// What to commit: the next offset that a member is to take. Empty if nothing has changed since committed().
  std::optional<std::int64_t> to_commit() const {
    const auto low = open_.empty() ? next_ : open_.front();
    return low > committed_ ? std::optional{low} : std::nullopt;
  }
  void committed(std::int64_t offset) { committed_ = offset; }

private:
  std::deque<std::int64_t> open_;  // ascending
  std::int64_t next_ = 0;
  std::int64_t committed_ = 0;
};

}  // namespace annals::kafka
