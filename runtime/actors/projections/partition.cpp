// A partition: builds the part of a read model that belongs to its streams, from position 1, in parallel with the other
// partitions, so that catching up uses all cores. The parts are merged into one model, which then follows the log as usual.
//
//   takes   go_on             from itself
//   sends   partition_built   to its projector
#include "actors/projections/partition.hpp"

#include "actors/base/messages.hpp"
#include "actors/base/watched.hpp"
#include "actors/dead_letters/errors.hpp"

namespace annals::actors {
namespace {

using partition_ptr = caf::stateful_actor<partition_state>*;

constexpr std::size_t batch_records = 10'000;

void end(partition_ptr self, std::optional<error> failed) {
  auto& s = self->state;
  self->send(s.order.reply_to, partition_built{s.order.build, s.order.number, s.model, failed ? std::make_shared<const error>(*failed) : nullptr,
                                               s.counted.applied, s.counted.parked, s.counted.failed});
  self->quit(caf::exit_reason::normal);
}

void advance(partition_ptr self) {
  auto& s = self->state;
  const auto left = s.order.up_to - std::min(s.order.up_to, s.model->at);
  if (left == 0) return end(self, std::nullopt);
  if (s.env->alive.closing) return end(self, error{errc::closed, "the runtime was closed meanwhile"});  // a part is no model
  auto records = std::min<std::size_t>(left, batch_records);
  const bool is_counted = s.model->at >= s.order.counted_after;
  if (!is_counted) records = std::min<std::size_t>(records, s.order.counted_after - s.model->at);
  const auto went = s.log_fold->step(*s.model, records, s.env->now());
  if (is_counted) s.counted.add(went);
  if (went.stopped) {
    auto why = *went.stopped;
    if (why.place == 0) why.place = s.model->at + 1;
    return end(self, std::move(why));
  }
  if (went.pause)
    self->delayed_send(self, *went.pause, go_on::value);
  else
    self->send(self, go_on::value);
}

}  // namespace

caf::behavior partition(partition_ptr self, const environment& env, build_partition order) {
  auto& s = self->state;
  s.env = &env;
  s.order = std::move(order);
  s.model = std::make_shared<model_state>(model_state{s.order.table->make(), 0, {}, {}});
  s.log_fold.emplace(*s.order.table, *env.log);
  s.log_fold->skip_all(s.order.skipped);
  s.log_fold->set_aside(s.order.pending, effect_is_pending);
  s.log_fold->leave_one_attempt(s.order.failed_before);
  s.log_fold->only(s.order.number, s.order.table->partitions);
  self->send(self, go_on::value);
  return {[self](go_on) { advance(self); }};
}

partitions::partitions(caf::event_based_actor* self, const environment& env, build_partition orders)
    : table_(orders.table),
      up_to_(orders.up_to),
      counted_after_(orders.counted_after),
      build_(orders.build),
      parts_(table_->partitions),
      missing_(table_->partitions) {
  orders.reply_to = caf::actor_cast<caf::actor>(self);
  for (orders.number = 0; orders.number < missing_; ++orders.number)
    at_work_.push_back(spawn_watched(self->home_system(), env, partition, std::cref(env), orders));
}

partitions::~partitions() {
  for (const auto& one : at_work_) caf::anon_send_exit(one, caf::exit_reason::user_shutdown);
}

bool partitions::take(const partition_built& part) {
  if (part.failed && (!failed_ || part.failed->place < failed_->place)) failed_ = *part.failed;
  parts_[part.number] = part.model;
  went_.applied += part.applied;
  went_.parked += part.parked;
  went_.failed += part.attempts_failed;
  return --missing_ == 0;
}

fold::went partitions::went() const {
  auto all = went_;
  all.passed = up_to_ - counted_after_ - all.applied - all.parked;  // each part passes over what the others have
  return all;
}

result<model_state> partitions::merged() {
  if (failed_) return *failed_;
  model_state whole{table_->make(), up_to_, {}, {}};
  for (const auto& part : parts_) {
    if (auto ok = whole.model->merge(*part->model); !ok) return std::move(ok).error();
    for (auto& one : part->parked.list()) {
      if (whole.parked.full()) return too_many_parked(parked_events::max, one.at);
      whole.parked.put(std::move(one));
    }
  }
  return whole;
}

}  // namespace annals::actors
