// What a view may ask the process managers of a runtime, which it may outlive.
#pragma once

#include "actors/follow/follower_cell.hpp"
#include "store/look/parts.hpp"

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

namespace annals::actors {

/// Thread-safe.
class process_cells {
public:
  /// In place of an earlier one of this category.
  void add(std::string category, std::shared_ptr<const follower_cell> cell) {
    const std::lock_guard lock{mutex_};
    cells_.insert_or_assign(std::move(category), std::move(cell));
  }

  /// Null if it is not known: the process manager does not run here, or has not begun.
  std::shared_ptr<const store::held_commands> held_by(std::string_view category) const {
    const std::lock_guard lock{mutex_};
    const auto found = cells_.find(category);
    return found == cells_.end() ? nullptr : found->second->condition().held;
  }

private:
  mutable std::mutex mutex_;
  std::map<std::string, std::shared_ptr<const follower_cell>, std::less<>> cells_;  // guarded
};

}  // namespace annals::actors
