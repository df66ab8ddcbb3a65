// What hosts ask of a process manager: the retry or skip of parked inputs. One of them blocks its instance, the blocking event. The
// others wait for it.
#include "actors/dead_letters/errors.hpp"
#include "actors/processes/process_manager.hpp"
#include "store/log/skip_table.hpp"

#include <spdlog/logger.h>

#include <algorithm>
#include <utility>

namespace annals::actors {
namespace {

/// The instance that this parked input blocks; an error if another input blocks it.
result<std::string> instance_blocked_by(const parking& parked, position at) {
  const auto* found = parked.all().find(at);
  if (!found) return nothing_parked(at);
  if (const auto blocking = parked.blocking_event_of(found->stream); blocking != at) return blocked_by(blocking);
  return found->stream;
}

void go_on_with(process_manager_ptr self, const std::string& instance) {
  auto& s = self->state;
  const auto waited = s.parked->release(instance);
  if (auto ok = observe_again(self, waited); !ok) return stop(self, ok.error());
  s.outbox->resume(instance);
  s.timers->resume(instance);
}

/// Writes the next decision to the log's control table, which may refer to readable records only.
void write_skip(process_manager_ptr self) {
  auto& s = self->state;
  const auto at = s.skips.next();
  if (at == 0) return;
  s.skips.begin();
  if (at > s.env->log->readable()) return self->send(s.ports->drainer, write_control{{}, {self}, drained_tag});
  self->send(s.ports->drainer, write_control{{store::skip_decision(s.cell->owner.stored(), at, s.env->now())}, {self}, at});
}

bool is_input(const process_manager_state& s, position at) { return s.inbound->has(at) || s.outbox->has(at) || s.timers->has(at); }

}  // namespace

void take_over_parked(process_manager_ptr self) {
  auto& s = self->state;
  const auto& owner = s.cell->owner.stored();
  std::set<position> blocking;
  auto read = s.env->derived->parked([&](std::string_view of, const parked_event& one) {
    if (of != owner || one.attempts == 0 || s.parked->skipped.contains(one.at)) return true;
    s.parked->take_over(one);
    blocking.insert(one.at);
    return true;
  });
  if (!read) s.env->logger->warn("the events that {} had parked are unknown: {}", owner, read.error().message());
  s.notices.emplace(*s.env, s.cell->name, std::move(blocking));
}

void drop_orphans(process_manager_ptr self) {
  auto& s = self->state;
  for (const auto at : std::set{s.parked->all_tried_by_hand()})
    if (!is_input(s, at)) s.parked->passed(at);
  show_parked(self);
}

void show_parked(process_manager_ptr self) {
  auto& s = self->state;
  auto list = s.parked->all().list();
  show_parked(s.cell->meters, list);
  s.cell->of_process.blocked.set(
      static_cast<std::uint64_t>(std::count_if(list.begin(), list.end(), [](const auto& one) { return one.attempts > 0; })));
  self->send(s.ports->index_writer, parked_now{s.cell->owner.stored(), std::move(list)});
  if (s.notices) s.notices->follow(s.parked->all());
}

void on_retry_parked(process_manager_ptr self, const retry_parked& order) {
  auto& s = self->state;
  const auto instance = instance_blocked_by(*s.parked, order.at);
  if (!instance) return s.ports->answer(order.reply, instance.error());
  if (s.cell->stopped) return s.ports->answer(order.reply, *s.cell->stopped);
  // An event of the instance that is being skipped may wait for this one since.
  if (const auto skipped = s.skips.in_lane(*instance)) return s.ports->answer(order.reply, being_skipped(skipped));
  s.retries[order.at].push_back(order.reply);
  if (s.parked->is_tried_by_hand(order.at)) return;
  s.parked->try_by_hand(order.at);
  s.outbox->again(order.at);
  s.timers->again(order.at);
  if (!s.outbox->has(order.at) && !s.timers->has(order.at))
    if (auto ok = observe_again(self, {order.at}); !ok) return stop(self, ok.error());
  if (is_input(s, order.at)) return;
  s.parked->passed(order.at);  // not an input any more
  settle_tried(self);
}

/// A skip that meets an attempt takes effect after the attempt.
void on_skip_parked(process_manager_ptr self, const skip_parked& order) {
  auto& s = self->state;
  if (s.skips.contains(order.at)) return s.skips.add(order.at, {}, order.reply);  // gets the answer of the first
  const auto instance = instance_blocked_by(*s.parked, order.at);
  if (!instance) return s.ports->answer(order.reply, instance.error());
  if (!s.cell->stopped && (s.inbound->is_trying(order.at) || s.outbox->is_trying(order.at) || s.timers->is_trying(order.at))) {
    s.skips_later[order.at].push_back(order);
    return;
  }
  s.parked->do_not_try(order.at);
  if (const auto waiting = s.retries.extract(order.at)) s.ports->answer_all(waiting.mapped(), being_skipped(order.at));
  s.skips.add(order.at, *instance, order.reply);
  write_skip(self);
}

void on_control_written(process_manager_ptr self, const control_written& decided) {
  auto& s = self->state;
  if (decided.tag == drained_tag && !decided.failed) {
    s.skips.begin_again();
    return write_skip(self);
  }
  const auto skip = s.skips.written();
  write_skip(self);
  if (decided.failed) return s.ports->answer_all(skip.callers, *decided.failed);
  s.parked->skipped.insert(skip.at);
  const auto instance = instance_blocked_by(*s.parked, skip.at);
  if (instance) {
    s.outbox->skip(skip.at);
    s.timers->skip(skip.at);
    if (auto full = s.inbound->set_aside(*instance, s.env->now())) stop(self, *full);
    if (s.cell->stopped)
      s.parked->drop_skipped(skip.at);
    else
      go_on_with(self, *instance);
  }
  show(self, s.cell->at);
  s.ports->answer_all(skip.callers, skip.at);
  advance(self);
}

void refuse_waiting(process_manager_ptr self) {
  auto& s = self->state;
  for (const auto& [at, waiting] : std::exchange(s.retries, {})) s.ports->answer_all(waiting, *s.cell->stopped);
  for (const auto& [at, orders] : std::exchange(s.skips_later, {}))
    for (const auto& order : orders) on_skip_parked(self, order);
}

void settle_tried(process_manager_ptr self) {
  auto& s = self->state;
  for (const auto& one : s.parked->take_tried()) {
    if (!one.failed) go_on_with(self, one.instance);
    show(self, s.cell->at);
    if (const auto waiting = s.retries.extract(one.at)) s.ports->answer_all(waiting.mapped(), one.failed ? result<position>{*one.failed} : one.at);
    if (const auto waiting = s.skips_later.extract(one.at))
      for (const auto& order : waiting.mapped()) on_skip_parked(self, order);
  }
}

}  // namespace annals::actors
