// Between the reader of one generation and its workers: what was read and is not settled, in the order of the log. A worker that finds that
// it lacks something in between has the reader go back.
#pragma once

#include "connectors/sink/target.hpp"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <vector>

namespace annals::connectors {

/// One worker's share of the records `from` to `up_to`.
struct chunk {
  position from = 0;
  position up_to = 0;
  timestamp time = 0;  ///< of the record at `up_to`
  std::size_t bytes = 0;
  std::vector<held_event> events;
};

/// Any thread may call.
class queues {
public:
  explicit queues(std::size_t workers) : waiting_(workers) {}

  /// Where to read, once a worker has said where it is. Nothing after stop().
  std::optional<position> where();
  /// One chunk for each worker. Waits while one of them has too much. Drops them if the reader has to go back.
  void push(std::vector<chunk> shares);

  /// Waits for something, and joins what follows each other, up to about `events_max`. If nothing comes for so long, the chunk is empty and
  /// ends at 0. Nothing after stop().
  std::optional<chunk> take(std::size_t worker, std::size_t events_max, std::chrono::milliseconds at_most);
  /// Everything from this position on has to come (again) to this worker.
  void go_back(std::size_t worker, position to);
  void stop();

private:
  struct share {
    std::deque<chunk> chunks;
    std::size_t events = 0;
    std::size_t bytes = 0;
  };
  bool is_full() const;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<share> waiting_;
  std::optional<position> next_;  // what push() continues with; nothing: no worker has asked yet
  bool goes_back_ = false;
  bool stopped_ = false;
};

}  // namespace annals::connectors
