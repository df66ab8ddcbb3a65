// Follows the log for one generation: one thread reads, the workers apply.
#pragma once

#include "connectors/sink/board.hpp"
#include "connectors/sink/queues.hpp"
#include "connectors/sink/target.hpp"

#include <annals/sink.hpp>

#include <atomic>
#include <thread>
#include <vector>

namespace annals::connectors {

class follower {
public:
  /// Starts the threads. Errors: no_threads.
  static result<std::unique_ptr<follower>> start(const target& to, generation which, const sink_source& from, board& told);
  /// Ends them and waits for that.
  ~follower();

private:
  follower(const target& to, generation which, const sink_source& from, board& told);
  void run(void (follower::*what)(std::size_t), std::size_t number);
  void work(std::size_t number);
  void read(std::size_t number);
  /// One chunk for each worker. Errors: those of the log.
  result<std::vector<chunk>> read_from(position from) const;
  bool is_worth_another_try(const error& why);
  void look_at_head();

  const target& to_;
  generation which_;
  const sink_source& log_;
  board& told_;
  queues queues_;
  stopper stopper_;
  std::chrono::steady_clock::time_point head_looked_at_{};
  std::vector<std::thread> threads_;
};

}  // namespace annals::connectors
