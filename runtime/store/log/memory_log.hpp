// A log in memory, for simulation and for tests of failures. It passes the log's contract, and fails and "crashes" on demand.
// Thread-safe, as every log.
#pragma once

#include "store/log/log.hpp"

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <shared_mutex>
#include <string>

namespace annals::store {

/// What survives a crash. Outlives the logs opened on it.
struct memory_disk {
  std::deque<std::string> records;  // position i + 1 is at index i; new ones leave the others where they are
  log_identity identity;
  std::map<std::string, std::string, std::less<>> control;

  explicit memory_disk(std::uint64_t seed);
};

/// Faults to inject. Each commit looks at them in turn.
struct memory_faults {
  std::size_t no_space = 0;        ///< this many of the next commits abort cleanly
  bool fail = false;               ///< the next commit fails
  bool failed_is_durable = false;  ///< a failed commit is on the disk all the same
  bool readable_lags = false;      ///< the readable head does not move until release()
  std::size_t drain_no_space = 0;  ///< this many of the next drains abort cleanly
  bool drain_fails = false;        ///< the next drain fails; `failed_is_durable` as for a commit
  std::size_t busy = 0;            ///< this many of the next commits find no room
};

class memory_log final : public log {
public:
  /// A writable open: raises the generation. With a front, committed records become readable only with the next drain().
  explicit memory_log(std::shared_ptr<memory_disk> disk, bool has_front = false);

  const log_identity& identity() const override { return disk_->identity; }
  commit_outcome commit(position first, std::span<const std::string_view> records) override;
  commit_outcome drain(std::span<const control_entry> decided = {}) override;
  position durable() const override;
  position readable() const override;
  timestamp last_time() const override;
  void on_readable(std::function<void(position)> grown) override { grown_ = std::move(grown); }
  result<position> read(position from, const read_limits& limits, const record_visitor& visit) const override;
  result<void> read_at(std::span<const position> positions, const record_visitor& visit) const override;
  result<position> read_durable(position from, const read_limits& limits, const record_visitor& visit) const override;
  result<void> read_durable_at(std::span<const position> positions, const record_visitor& visit) const override;
  result<void> control(std::string_view prefix, const control_visitor& visit) const override;
  result<void> backup(const std::filesystem::path& target) const override;

  void set_faults(memory_faults next);
  /// From now on nothing reaches the disk: every commit fails, as in a process that is about to end.
  void crash();
  /// Moves the readable head to the durable one.
  void release();
  /// Commits wait from now on until unblock(); for tests with threads of their own.
  void block();
  void unblock();
  /// True while a commit waits.
  bool is_blocked() const;
  /// A commit or a drain has failed: everything is refused from now on.
  bool has_failed() const;
  /// The number of commits refused for lack of space.
  std::size_t refused() const;
  /// The number of records visited, by all readers together.
  std::size_t visited() const { return visited_; }

private:
  /// Visitors are called without the lock, as they are with a log on disk: they may take long.
  result<position> read_up_to(position head, position from, const read_limits& limits, const record_visitor& visit) const;
  result<void> read_up_to(position head, std::span<const position> positions, const record_visitor& visit) const;
  std::string_view raw(position at) const;

  mutable std::shared_mutex mutex_;
  std::shared_ptr<memory_disk> disk_;
  memory_faults faults_;
  std::size_t refused_ = 0;
  std::condition_variable_any unblocked_;
  bool blocks_ = false;
  bool waits_ = false;
  mutable std::atomic<std::size_t> visited_{0};
  position durable_ = 0;  // as reported to callers; the disk may have more after a failure
  position readable_ = 0;
  bool stopped_ = false;
  const bool has_front_;
  std::function<void(position)> grown_;
};

}  // namespace annals::store
