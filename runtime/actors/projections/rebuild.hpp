// A model that is rebuilt from position 1 beside the live model, and then replaces it. The projector steps it; nobody else sees the model,
// so this needs no lock.
//
//   in partitions (a long log) ──▶ following the log ──▶ ready ──▶ the projector swaps it in
//
// If the projection has effects, the live model executes them, so the rebuild does not pass the live model. If the projection has stopped,
// the rebuild first has to reach the head as of that time: it applies the event where the projection has stopped, effect included, because
// otherwise the new model would only stop there again.
#pragma once

#include "actors/base/command.hpp"
#include "actors/base/environment.hpp"
#include "actors/projections/effect_progress.hpp"
#include "actors/projections/fold.hpp"
#include "actors/projections/partition.hpp"

#include <optional>
#include <set>
#include <vector>

namespace annals::actors {

class rebuild {
public:
  /// `effects` is null if the projection has none; it is shared with the live fold.
  rebuild(const detail::projection_table& table, const environment& env, store::effects* effects);

  /// Does not apply skipped events. What the live model has parked after all attempts gets one attempt.
  void begin(const model_state& live, std::set<position> skipped);
  /// Builds the beginning in partitions.
  void build(partitions parts) { parts_.emplace(std::move(parts)); }
  /// The result of one partition. Returns an error if the build has failed, and otherwise whether it was the last one of this rebuild.
  result<bool> take(const partition_built& part);

  /// Whether step() may be called: not while partitions build it, nor during a pause.
  bool can_step() const { return !parts_ && !is_pausing_; }
  /// Applies one batch.
  fold::went step(const model_state& live, bool has_live_stopped);
  void pause() { is_pausing_ = true; }
  void end_pause() { is_pausing_ = false; }
  /// The live model has stopped: the head at that time has to be reached.
  void reach(position head) { least_ = head; }
  /// Whether it may replace the live model.
  bool is_ready(position live) const { return model_.at >= std::max(live, least_); }

  /// Brings its parked events in line with what has happened to them in the live model since: applied, skipped or parked.
  void follow_decisions(const model_state& live, const std::set<position>& skipped);
  /// Whether it may have applied this event, which is skipped now: then it has to begin again.
  bool may_have_applied(position at) const { return parts_ || (at <= model_.at && !model_.parked.contains(at)); }

  position at() const { return model_.at; }
  /// What has become of the events after the live model's position, with the time of the last record that it is done with.
  fold::went beyond() const {
    auto all = beyond_;
    all.time = time_;
    return all;
  }
  /// Exchanges the models.
  void swap(model_state& live) { std::swap(live, model_); }
  /// Gives away the fold that continues the model.
  fold take_fold();

  std::vector<reply_address> waiting;  ///< callers that wait for the end

private:
  const detail::projection_table* table_;
  const environment* env_;
  store::effects* effects_;
  fold fold_;
  model_state model_;
  std::optional<partitions> parts_;
  position least_ = 0;
  timestamp time_ = 0;
  fold::went beyond_;
  bool is_pausing_ = false;
};

}  // namespace annals::actors
