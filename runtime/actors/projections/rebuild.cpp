#include "actors/projections/rebuild.hpp"

#include "actors/follow/record_time.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace annals::actors {

rebuild::rebuild(const detail::projection_table& table, const environment& env, store::effects* effects)
    : table_(&table), env_(&env), effects_(effects), fold_(table, *env.log), model_{table.make(), 0, {}, {}} {
  if (effects) fold_.execute_effects(*effects);
}

void rebuild::begin(const model_state& live, std::set<position> skipped) {
  fold_.skip_all(std::move(skipped));
  fold_.leave_one_attempt(live.parked.tried());
}

result<bool> rebuild::take(const partition_built& part) {
  if (!parts_ || parts_->build() != part.build || !parts_->take(part)) return false;
  auto whole = parts_->merged();
  if (whole) beyond_ = parts_->went();
  parts_.reset();
  if (!whole) return std::move(whole).error();
  model_ = std::move(*whole);
  time_ = time_at(*env_, model_.at);
  return true;
}

fold::went rebuild::step(const model_state& live, bool has_live_stopped) {
  std::size_t records = env_->options.projection_batch_records;
  const bool is_beyond = model_.at >= live.at;
  if (effects_) {
    fold_.set_aside(effects_->pending, effect_is_pending);
    if (is_beyond && !has_live_stopped) return {};
  }
  if (!is_beyond) records = std::min<std::size_t>(records, live.at - model_.at);
  auto went = fold_.step(model_, records, env_->now());
  if (is_beyond) beyond_.add(went);
  if (went.time != 0) time_ = went.time;
  return went;
}

void rebuild::follow_decisions(const model_state& live, const std::set<position>& skipped) {
  if (parts_) return;
  fold_.skip_all(skipped);
  const bool by_stream = table_->on_failure.then == on_failure::park_stream;
  std::set<std::string> stays;  // streams whose first parked event stays parked
  for (const auto& one : model_.parked.list()) {
    if (skipped.contains(one.at)) {
      model_.parked.remove(one.at);
    } else if (!by_stream || !stays.contains(one.stream)) {
      const bool is_decided = one.at <= live.at && !live.parked.contains(one.at);
      const bool is_applied = is_decided && fold_.retry_one(model_, one.at, env_->now());
      if (!is_applied) stays.insert(one.stream);
    }
  }
}

fold rebuild::take_fold() {
  fold_.set_aside({}, {});
  return std::move(fold_);
}

}  // namespace annals::actors
