// States that hosts asked for recently: when a host asks for the current state again, only the events since then are folded.
// Folding a stream of hundreds of scattered events costs a tenth of a millisecond, and more while others write.
#pragma once

#include "store/read/past_state.hpp"

#include <cstddef>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

namespace annals::store {

/// Safe for any number of threads at once.
class recent_states {
public:
  explicit recent_states(std::size_t max) : max_(max) {}

  /// Removes the stream's state that was given back last and hands it to the caller.
  std::optional<begun_state> take(const std::string& stream) {
    const std::lock_guard lock{mutex_};
    const auto found = by_stream_.find(stream);
    if (found == by_stream_.end()) return std::nullopt;
    std::optional<begun_state> state{std::move(found->second->second)};
    states_.erase(found->second);
    by_stream_.erase(found);
    return state;
  }

  /// Stores a state. Of two states of one stream it keeps the newer; with too many streams it drops the one given back longest ago.
  void give_back(const std::string& stream, begun_state state) {
    std::list<named> dropped;  // destroyed after the lock is released
    const std::lock_guard lock{mutex_};
    if (const auto found = by_stream_.find(stream); found != by_stream_.end()) {
      if (found->second->second.version >= state.version) return;
      dropped.splice(dropped.end(), states_, found->second);
      by_stream_.erase(found);
    }
    states_.emplace_front(stream, std::move(state));
    by_stream_.emplace(stream, states_.begin());
    if (states_.size() <= max_) return;
    by_stream_.erase(states_.back().first);
    dropped.splice(dropped.end(), states_, std::prev(states_.end()));
  }

private:
  using named = std::pair<std::string, begun_state>;
  const std::size_t max_;
  std::mutex mutex_;
  std::list<named> states_;                                                // guarded; newest first
  std::unordered_map<std::string, std::list<named>::iterator> by_stream_;  // guarded
};

}  // namespace annals::store
