// A model and how it follows the log: what it applies, and what it sets aside. No actor: a projector has one, or two while
// a model is rebuilt, and the image maker has one.
#pragma once

#include "actors/follow/model_lock.hpp"
#include "actors/follow/model_state.hpp"
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

/// Why an event is set aside in a model whose fold has no effects.
constexpr std::string_view effect_is_owed = "its effect has not taken place";

class fold {
public:
  fold(const detail::projection_table& table, const store::log& log) : table_(&table), log_(&log) {}

  struct went {
    std::optional<error> stopped;
    /// The record behind the state's position has failed, and is to be tried again in so long.
    std::optional<std::chrono::milliseconds> pause;
  };
  /// Reads on from the state's position, at most so many records. `now` stamps what is parked.
  went step(model_state& of, std::size_t records_max, timestamp now);

  /// These are never applied: somebody has decided so.
  void skip_all(std::set<position> which) { skipped_ = std::move(which); }
  /// These are parked, without a try.
  void set_aside(std::set<position> which, std::string_view why) {
    aside_ = std::move(which);
    why_aside_ = why;
  }

  /// These have failed so often before that one more attempt is enough.
  void know_failed(std::set<position> which) { failed_before_ = std::move(which); }

  /// Only records of streams that hash to this one of so many.
  void only(std::size_t part, std::size_t parts) {
    part_ = part;
    parts_ = parts;
  }
  /// Effects that have not taken place do so before their events are applied. Without this, none do.
  void affect(std::optional<store::effects> so_far) { effects_ = std::move(so_far); }
  /// A caller of the functions below holds this lock, and has it again when they return; it is open while an effect takes place.
  void open_for_effects(model_lock& held) { held_ = &held; }
  const std::optional<store::effects>& affected() const { return effects_; }

  /// Tries a parked event again, and what of its stream is parked behind it. The error is that of the first that fails,
  /// which stays; not_found; misuse when another one of its stream has to come first.
  result<void> retry(model_state& of, position at, timestamp now);
  /// An event is never applied, or tried again; what of its stream is parked behind it is tried now. Errors: not_found, when
  /// it is not parked.
  result<void> skip(model_state& of, position at, timestamp now);
  /// Tries a parked event again, and nothing else.
  result<void> retry_one(model_state& of, position at, timestamp now);

private:
  went fail(model_state& of, const record_view& record, const error& why, timestamp now);
  bool is_due(const model_state& of, const record_view& record) const;
  result<void> bring_about(model_state& of, const record_view& record);
  result<void> take(model_state& of, const record_view& record);
  std::optional<error> park(model_state& of, parked_event one);
  const parked_event* held_back_by(const model_state& of, const record_view& record) const;
  bool is_by_stream() const { return table_->on_failure.then == on_failure::park_stream; }
  result<void> retry_stream(model_state& of, const std::string& stream, timestamp now);

  const detail::projection_table* table_;
  const store::log* log_;
  std::set<position> skipped_;
  std::set<position> aside_;
  std::string why_aside_;
  std::set<position> failed_before_;
  std::size_t part_ = 0;
  std::size_t parts_ = 1;
  std::optional<store::effects> effects_;
  model_lock* held_ = nullptr;
  position failing_ = 0;  // the record that has failed so often
  std::uint32_t attempts_ = 0;
};

}  // namespace annals::actors
