// What a process manager publishes of itself: how far it has come, and its meters.
#include "actors/processes/process_manager.hpp"

namespace annals::actors {
namespace {

void show_meters(process_manager_state& s) {
  auto& meters = s.cell->meters;
  const auto done = s.inbound->done(s.cell->at);
  meters.at(done.done, done.next_open.value_or(s.reached_time));
  meters.ahead.set(done.ahead);
  meters.ready.set(s.now == process_manager_state::phase::live);
  const auto& seen = s.inbound->counted();
  meters.applied.add(seen.applied - s.observed_count.applied);
  meters.passed.add(seen.passed - s.observed_count.passed);
  meters.parked.add(seen.parked - s.observed_count.parked);
  s.observed_count = seen;
  const auto& parked = s.parked->counted();
  meters.attempts_failed.add(parked.failed - s.parked_count.failed);
  meters.parked_in_all.add(parked.parked - s.parked_count.parked);
  meters.retried.add(parked.retried - s.parked_count.retried);
  meters.skipped.add(parked.skipped - s.parked_count.skipped);
  s.parked_count = parked;
  auto& own = s.cell->of_process;
  own.commands_open.set(s.outbox->size());
  own.timers.set(s.timers->size());
  for (const auto late : s.timers->take_lateness()) own.timer_lateness.add(std::chrono::microseconds{late});
}

}  // namespace

void show(process_manager_ptr self, position reached) {
  auto& s = self->state;
  const bool changed = s.parked->is_changed();
  {
    const cell_change change{*s.cell};
    s.cell->at = reached;
    s.cell->under_way = s.inbound->under_way() + s.outbox->under_way() + s.timers->under_way();
    if (!s.cell->held || s.held_version != s.outbox->held_version()) {
      s.held_version = s.outbox->held_version();
      s.cell->held = std::make_shared<const std::map<position, std::string>>(s.outbox->held());
    }
    if (changed) s.parked->bring_up_to_date(s.cell->parked);
  }
  show_meters(s);
  s.env->news.changed();
  if (changed) show_parked(self);
}

}  // namespace annals::actors
