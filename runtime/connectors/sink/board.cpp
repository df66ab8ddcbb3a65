#include "connectors/sink/board.hpp"

#include <algorithm>

namespace annals::connectors {
namespace {

const progress::place& lowest_of(const progress& of) {
  return *std::min_element(of.slots.begin(), of.slots.end(), [](const auto& a, const auto& b) {
    const auto rank = [](const auto& one) { return one.is_known ? one.at + 1 : 0; };
    return rank(a) < rank(b);
  });
}

struct family_list {
  annals::metrics made;
  std::string kind, name;

  void add(std::string family, std::string help, double value, metric_kind as = metric_kind::gauge) {
    made.families.push_back({std::move(family), std::move(help), as, {}, {{{{"kind", kind}, {"name", name}}, value, std::nullopt}}});
  }
};

}  // namespace

position progress::lowest() const {
  const auto& found = lowest_of(*this);
  return found.is_known ? found.at : 0;
}

timestamp progress::time_of_lowest() const { return lowest_of(*this).time; }

sink_status status_of(board& of) {
  const std::lock_guard lock{of.mutex};
  sink_status now{of.live.lowest(), of.head, of.live.parked.size(), of.waiting, of.stopped, std::nullopt};
  for (const auto* one : {&of.live, of.next ? &*of.next : nullptr})
    if (one && !now.waiting && !one->waiting.empty()) now.waiting = one->waiting.begin()->second;
  if (of.next) now.rebuilt_to = of.next->lowest();
  return now;
}

annals::metrics metrics_of(board& of, const target& to) {
  const std::lock_guard lock{of.mutex};
  const auto at = of.live.lowest();
  const auto begin = std::min(of.counted.start.value_or(at), at);
  const auto time = of.live.time_of_lowest();
  auto& counted = of.counted;
  // Workers are at different positions: what the furthest have applied beyond the slowest is not passed over by anybody.
  const auto others = counted.applied + counted.parked;
  counted.passed = std::max(counted.passed, at - begin > others ? at - begin - others : 0);
  family_list list{{}, to.kind, to.name};
  list.add("annals_follower_position", "The follower is done with the log up to here.", static_cast<double>(at));
  list.add("annals_follower_ahead_events", "Events after that position that the follower is done with, too.",
           static_cast<double>(begin + others + counted.passed - at));
  list.add("annals_follower_start_position", "After this position the runtime began to follow the log: 0, or where an image was.",
           static_cast<double>(begin));
  list.add("annals_follower_lag_events", "Durable events after that position.", static_cast<double>(of.head > at ? of.head - at : 0));
  list.add("annals_follower_lag_seconds", "Time of the newest event minus time of the last one that the follower is done with.",
           time != 0 && of.head > at && of.head_time > time ? static_cast<double>(of.head_time - time) / 1e6 : 0);
  list.add("annals_follower_stopped", "1 if the follower has stopped at an event and somebody has to decide.", of.stopped ? 1 : 0);
  list.add("annals_follower_ready", "1 once the follower has reached the head as of its start.", counted.has_been_ready ? 1 : 0);
  metric_family events{"annals_follower_events_total", "Events that the follower has applied, passed over or parked.", metric_kind::counter, {}, {}};
  for (const auto& [how, count] : {std::pair{"applied", counted.applied}, {"passed", counted.passed}, {"parked", counted.parked}})
    events.series.push_back({{{"kind", to.kind}, {"name", to.name}, {"outcome", how}}, static_cast<double>(count), std::nullopt});
  list.made.families.push_back(std::move(events));
  list.add("annals_follower_attempts_failed_total", "Attempts to handle an event that have failed.", static_cast<double>(counted.failed),
           metric_kind::counter);
  list.made.families.push_back({"annals_follower_batch_duration_seconds",
                                "Handling one batch of events.",
                                metric_kind::histogram,
                                histogram::bounds(),
                                {{{{"kind", to.kind}, {"name", to.name}}, 0, counted.batch_duration.read()}}});
  timestamp oldest = 0;
  for (const auto& [at, row] : of.live.parked) oldest = oldest == 0 ? row.event.time : std::min(oldest, row.event.time);
  list.add("annals_parked_events", "Events that are parked now.", static_cast<double>(of.live.parked.size()));
  list.add("annals_parked_limit", "At one more than this, the follower stops.", static_cast<double>(to.parked_max));
  list.add("annals_parked_oldest_timestamp_seconds", "Since when the oldest of them has been parked, in seconds since 1970; 0 if nothing is parked.",
           static_cast<double>(oldest) / 1e6);
  list.add("annals_parked_total", "Events that were parked.", static_cast<double>(counted.parked), metric_kind::counter);
  metric_family resolved{"annals_parked_resolved_total", "Parked events that were retried with success, or skipped.", metric_kind::counter, {}, {}};
  for (const auto& [how, count] : {std::pair{"retried", counted.retried}, {"skipped", counted.skipped}})
    resolved.series.push_back({{{"kind", to.kind}, {"name", to.name}, {"how", how}}, static_cast<double>(count), std::nullopt});
  list.made.families.push_back(std::move(resolved));
  return std::move(list.made);
}

}  // namespace annals::connectors
