// Which entries of the control table have changed lately: for replicas, which copy what has changed since they looked. Thread-safe.
#pragma once

#include "store/log/log.hpp"

#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>

namespace annals::store {

class control_changes {
public:
  /// These have changed, and are readable.
  void note(std::span<const control_entry> decided) {
    const std::lock_guard lock{mutex_};
    for (const auto& one : decided) {
      keys_.push_back(one.key);
      ++count_;
    }
    while (keys_.size() > kept_max) keys_.pop_front();
  }
  /// How many changes there have been.
  std::uint64_t count() const {
    const std::lock_guard lock{mutex_};
    return count_;
  }
  /// The keys that have changed after the first `count` changes; nothing if that is too long ago.
  std::optional<std::set<std::string>> since(std::uint64_t count) const {
    const std::lock_guard lock{mutex_};
    if (count > count_ || count_ - count > keys_.size()) return std::nullopt;
    return std::set<std::string>{keys_.end() - static_cast<std::ptrdiff_t>(count_ - count), keys_.end()};
  }

private:
  static constexpr std::size_t kept_max = 10'000;
  mutable std::mutex mutex_;
  std::deque<std::string> keys_;  // guarded; the last ones of count_
  std::uint64_t count_ = 0;       // guarded
};

}  // namespace annals::store
