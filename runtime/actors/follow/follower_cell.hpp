// A read model and its position: written by its projector, read by host threads. A process manager has a cell without a model.
#pragma once

#include "actors/base/meters.hpp"
#include "actors/follow/model_lock.hpp"
#include "actors/follow/model_state.hpp"
#include "store/log/owner_names.hpp"

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>  // std::shared_lock
#include <string>
#include <utility>

namespace annals::actors {

/// What others are told of a follower without waiting for it.
struct follower_condition {
  position at = 0;
  std::size_t under_way = 0;
  std::shared_ptr<const std::map<position, std::string>> held;  // null: not known
  std::size_t parked = 0;
  bool begun = false;
  std::optional<position> rebuilt_to;
  std::shared_ptr<const error> stopped;
};

struct follower_cell : model_state {
  explicit follower_cell(store::owner_name of) : owner(std::move(of)), name(owner.plain()) {}

  const store::owner_name owner;
  const std::string name;  // as hosts use it
  mutable model_lock mutex;
  std::size_t under_way = 0;  // a process manager's observations and commands without an answer yet
  // A process manager's commands that this runtime cannot handle, by the position of the record that sent each, and why.
  std::shared_ptr<const std::map<position, std::string>> held;
  std::shared_ptr<const error> stopped;  // null: it has not
  bool begun = false;                    // it follows the log
  position ready_at = 0;                 // below this position, calls without a time-out get not_ready
  std::optional<position> rebuilt_to;    // position of the model that is being rebuilt beside this one

  // Not guarded: cells.
  mutable follower_meters meters;
  mutable image_meters image;
  mutable projection_meters of_projection;
  mutable process_meters of_process;

  /// As of the last published change. Waits for nobody: not for a model that is being written, nor for its readers.
  follower_condition condition() const {
    const std::lock_guard lock{condition_mutex_};
    return condition_;
  }
  /// Called by the writer, with the model's lock held: see cell_change.
  void publish() noexcept {
    follower_condition now{at, under_way, held, parked.size(), begun, rebuilt_to, stopped};
    const std::lock_guard lock{condition_mutex_};
    std::swap(condition_, now);  // the error of before is freed outside of the lock
  }

  error not_ready() const {
    return {errc::not_ready, "the model is being built",
            name + " is at position " + std::to_string(at) + ", the log was at " + std::to_string(ready_at), 0, at};
  }

private:
  mutable std::mutex condition_mutex_;
  follower_condition condition_;  // guarded
};

/// The writer's way to change a cell: locks the model, and publishes the new condition before it unlocks.
class cell_change {
public:
  explicit cell_change(follower_cell& cell) : cell_(cell), lock_(cell.mutex) {}
  cell_change(const cell_change&) = delete;
  ~cell_change() { cell_.publish(); }

private:
  follower_cell& cell_;
  const std::unique_lock<model_lock> lock_;
};

/// Shows how many events are parked, and since when.
inline void show_parked(follower_meters& to, const std::vector<parked_event>& all) {
  timestamp oldest = 0;
  for (const auto& one : all)
    if (oldest == 0 || one.time < oldest) oldest = one.time;
  to.parked_now.set(all.size());
  to.parked_oldest.set(static_cast<std::uint64_t>(oldest));
}

}  // namespace annals::actors
