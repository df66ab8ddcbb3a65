// A replica's store: the copy of the log, the engine that reads it, and the thread that follows the source.
#pragma once

#include "actors/host/engine.hpp"
#include "net/remote/handle.hpp"
#include "net/replica/copier.hpp"
#include "store/open_store.hpp"

#include <annals/replica.hpp>

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

namespace annals::net {

class copied_store {
public:
  static result<std::shared_ptr<copied_store>> open(const std::filesystem::path& directory, std::shared_ptr<handle> source, options with);
  ~copied_store() { close(); }
  copied_store(const copied_store&) = delete;
  copied_store& operator=(const copied_store&) = delete;

  bool is_ours() const { return home_.is_this_one(); }
  detail::engine& engine() { return *engine_; }
  handle& source() { return *source_; }
  /// Starts the engine, and following.
  result<void> start();
  replica_lag lag() const;
  result<void> wait_for(position at, std::chrono::milliseconds time_out) const;
  void close();

private:
  copied_store(std::shared_ptr<handle> source, std::shared_ptr<store::opened> opened, options with);

  // In the thread that follows:
  void follow();
  void run();
  std::shared_ptr<detail::waiter> ask() const;
  /// Nothing if close() ends it.
  std::optional<detail::outcome> await(detail::waiter& answer) const;
  void answered();
  /// Until there is space, or close() ends it.
  result<void> write();
  /// The error for a source that has answered history_differs: that, unless its present history continues the copy's.
  error why_it_differs(const error& said) const;
  void pause(const error& why);

  const store::home_process home_;
  const std::shared_ptr<handle> source_;
  const std::shared_ptr<store::opened> opened_;
  store::log& log_;
  std::unique_ptr<detail::engine, detail::end_engine> engine_;
  std::thread thread_;
  std::atomic<bool> ends_{false};

  copier copier_;  // of the thread that follows

  std::condition_variable ended_;
  mutable std::mutex mutex_;
  replica_lag lag_;            // guarded; without `at`, `events` and `behind`
  timestamp source_time_ = 0;  // guarded
};

}  // namespace annals::net
