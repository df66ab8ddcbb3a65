// How a model follows the log: what is applied to it, and what is set aside. Not an actor: a projector has one fold, or two
// during a rebuild, and the image maker has one.
#pragma once

#include "actors/base/tracing.hpp"
#include "actors/dead_letters/attempts.hpp"
#include "actors/follow/follower_cell.hpp"
#include "store/log/effects.hpp"
#include "store/log/log.hpp"

#include <annals/detail/tables.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace annals::actors {

/// The reason for setting an event aside in a model whose fold must not execute its effect.
constexpr std::string_view effect_is_pending = "its effect has not been executed";

class fold {
public:
  fold(const detail::projection_table& table, const store::log& log) : table_(&table), log_(&log), attempts_(table.on_failure) {}

  struct went {
    std::optional<error> stopped;
    /// The record after the state's position has failed. Try it again after this pause.
    std::optional<std::chrono::milliseconds> pause;
    std::uint64_t applied = 0, passed = 0, parked = 0;  // what became of the records
    std::uint64_t failed = 0;                           // attempts
    timestamp time = 0;                                 // of the last record; 0: there was none

    /// Counts what became of more records.
    void add(const went& more) {
      applied += more.applied;
      passed += more.passed;
      parked += more.parked;
      failed += more.failed;
    }
  };
  /// Reads on from the state's position, at most `records_max` records. Parked events get the time `now`.
  went step(model_state& of, std::size_t records_max, timestamp now);

  /// These events are skipped: they are never applied.
  void skip_all(std::set<position> which) { skipped_ = std::move(which); }
  /// These events are parked without an attempt.
  void set_aside(std::set<position> which, std::string_view why) {
    aside_ = std::move(which);
    why_aside_ = why;
  }

  /// These events have used up their attempts before. They get one more.
  void leave_one_attempt(std::set<position> which) { attempts_.leave_one(std::move(which)); }

  /// Applies only records of the streams with hash % parts == part.
  void only(std::size_t part, std::size_t parts) {
    part_ = part;
    parts_ = parts;
  }
  /// Executes pending effects before their events are applied, and notes it there. `of` must outlive the fold. Without this call no
  /// effects are executed.
  void execute_effects(store::effects& of) { effects_ = &of; }
  /// Makes spans there of sampled records after this position.
  void trace_to(const tracing& all, position after) {
    tracing_ = &all;
    traced_after_ = after;
  }
  /// step(), retry(), retry_one() and skip() are called with a cell_change of this cell. Its lock is released while an effect runs.
  void open_for_effects(follower_cell& of) { opened_ = &of; }

  /// Tries a parked event again, and then the parked events after it in its stream. Returns the error of the first one that fails,
  /// which stays parked. Errors: not_found; misuse if an earlier event of the stream is parked.
  result<void> retry(model_state& of, position at, timestamp now);
  /// The event is never applied or tried again. Parked events after it in its stream are tried now. Errors: not_found if the event
  /// is not parked; it is skipped nevertheless.
  result<void> skip(model_state& of, position at, timestamp now);
  /// Tries a parked event again, and no other.
  result<void> retry_one(model_state& of, position at, timestamp now);

  /// How many parked events were retried with success, and how many were skipped. Only grows.
  struct resolutions {
    std::uint64_t retried = 0, skipped = 0;
  };
  const resolutions& resolved() const { return resolved_; }

private:
  void fail(model_state& of, const record_view& record, const error& why, timestamp now, went& so_far);
  bool is_due(const model_state& of, const record_view& record) const;
  result<void> run_effect(model_state& of, const record_view& record);
  /// Returns whether the projection follows the record.
  result<bool> apply(model_state& of, const record_view& record);
  result<bool> apply_traced(model_state& of, const record_view& record);
  std::optional<error> park(model_state& of, parked_event one);
  position blocked_by_parked(const model_state& of, const record_view& record) const;
  bool is_by_stream() const { return table_->on_failure.then == on_failure::park_stream; }
  result<void> retry_stream(model_state& of, const std::string& stream, timestamp now);

  const detail::projection_table* table_;
  const store::log* log_;
  std::set<position> skipped_;
  std::set<position> aside_;
  std::string why_aside_;
  std::size_t part_ = 0;
  std::size_t parts_ = 1;
  store::effects* effects_ = nullptr;
  const tracing* tracing_ = nullptr;
  position traced_after_ = 0;
  follower_cell* opened_ = nullptr;
  attempts attempts_;
  resolutions resolved_;
};

}  // namespace annals::actors
