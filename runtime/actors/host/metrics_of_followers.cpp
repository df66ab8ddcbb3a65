// runtime::metrics(): projections, process managers, subscriptions, and what they have parked.
#include "actors/host/metric_list.hpp"
#include "actors/host/metrics.hpp"

#include <array>

namespace annals::detail {

using enum metric_kind;
using actors::ending;

namespace {

/// A family with one number for each follower.
template <class Value>
void add_number(metrics& into, metric_kind kind, std::string_view name, std::string_view help, const shown_runtime& of, Value&& value) {
  family_builder family{into, kind, name, help};
  for (const auto& one : of.followers) family.number({{"kind", one.kind}, {"name", one.name}}, static_cast<double>(value(one)));
}

/// Seconds between the newest record and the last one that the follower is done with.
double lag_seconds(const shown_runtime& of, const actors::follower_meters& one) {
  const auto head = of.meters->log.last_time.number(), done = one.time.number();
  if (one.position.number() >= of.durable || done == 0 || done >= head) return 0;
  return static_cast<double>(head - done) / 1e6;
}

}  // namespace

void add_followers(metrics& into, const shown_runtime& of) {
  add_number(into, gauge, "annals_follower_position", "The follower is done with the log up to here.", of,
             [](const shown_follower& one) { return one.meters->position.number(); });
  add_number(into, gauge, "annals_follower_ahead_events", "Events after that position that the follower is done with, too.", of,
             [](const shown_follower& one) { return one.meters->ahead.number(); });
  add_number(into, gauge, "annals_follower_start_position", "After this position the runtime began to follow the log: 0, or where an image was.", of,
             [](const shown_follower& one) { return one.meters->begun.number(); });
  add_number(into, gauge, "annals_follower_lag_events", "Durable events after the follower's position.", of, [&](const shown_follower& one) {
    const auto at = one.meters->position.number();
    return at < of.durable ? of.durable - at : 0;
  });
  add_number(into, gauge, "annals_follower_lag_seconds",
             "Time of the newest event minus time of the last one that the follower is done with; 0 at the head, and before its first event.", of,
             [&](const shown_follower& one) { return lag_seconds(of, *one.meters); });
  add_number(into, gauge, "annals_follower_stopped", "1 if the follower has stopped at an event and somebody has to decide.", of,
             [](const shown_follower& one) { return one.meters->stopped.number(); });
  add_number(into, gauge, "annals_follower_ready", "1 once the follower has reached the head as of its start.", of,
             [](const shown_follower& one) { return one.meters->ready.number(); });
  family_builder events{
      into, counter, "annals_follower_events_total",
      "Events that the follower has applied, passed over because it does not follow them, or parked. A retry of a parked one is not counted."};
  for (const auto& one : of.followers)
    events.count({{"kind", one.kind}, {"name", one.name}, {"outcome", "applied"}}, one.meters->applied)
        .count({{"kind", one.kind}, {"name", one.name}, {"outcome", "passed"}}, one.meters->passed)
        .count({{"kind", one.kind}, {"name", one.name}, {"outcome", "parked"}}, one.meters->parked);
  add_number(into, counter, "annals_follower_attempts_failed_total", "Attempts to handle an event that have failed.", of,
             [](const shown_follower& one) { return one.meters->attempts_failed.count(); });
  family_builder batches{into, histogram, "annals_follower_batch_duration_seconds", "Reading and handling one batch of events."};
  for (const auto& one : of.followers) batches.durations({{"kind", one.kind}, {"name", one.name}}, {&one.meters->batch_duration});
}

void add_parked(metrics& into, const shown_runtime& of) {
  add_number(into, gauge, "annals_parked_events", "Events that are parked now.", of,
             [](const shown_follower& one) { return one.meters->parked_now.number(); });
  add_number(into, gauge, "annals_parked_limit", "At one more than this, the follower stops.", of,
             [](const shown_follower& one) { return one.parked_max; });
  family_builder oldest{into, gauge, "annals_parked_oldest_timestamp_seconds",
                        "Since when the oldest of them has been parked, in seconds since 1970; 0 if nothing is parked."};
  for (const auto& one : of.followers) oldest.microseconds({{"kind", one.kind}, {"name", one.name}}, one.meters->parked_oldest);
  add_number(into, counter, "annals_parked_total", "Events that were parked.", of,
             [](const shown_follower& one) { return one.meters->parked_in_all.count(); });
  family_builder resolved{into, counter, "annals_parked_resolved_total", "Parked events that were retried with success, or skipped."};
  for (const auto& one : of.followers)
    resolved.count({{"kind", one.kind}, {"name", one.name}, {"how", "retried"}}, one.meters->retried)
        .count({{"kind", one.kind}, {"name", one.name}, {"how", "skipped"}}, one.meters->skipped);
}

void add_models(metrics& into, const shown_runtime& of) {
  const auto of_each = [&](metric_kind kind, std::string_view name, std::string_view help, auto&& add) {
    family_builder family{into, kind, name, help};
    for (const auto& one : of.followers)
      if (one.projection) add(family, one);
  };
  of_each(gauge, "annals_rebuild_position", "How far a rebuild has come; 0 if there is none.",
          [](auto& family, const auto& one) { family.count({{"name", one.name}}, one.projection->rebuild_position); });
  of_each(gauge, "annals_rebuild_target_position", "Where the rebuilt model replaces the other one; 0 if there is no rebuild.",
          [](auto& family, const auto& one) { family.count({{"name", one.name}}, one.projection->rebuild_target); });
  of_each(gauge, "annals_rebuild_last_duration_seconds", "How long the last rebuild took; 0 if there was none.",
          [](auto& family, const auto& one) { family.nanoseconds({{"name", one.name}}, one.projection->rebuild_duration); });
  const auto of_image = [&](std::string_view name, std::string_view help, auto&& add) {
    family_builder family{into, gauge, name, help};
    for (const auto& one : of.followers)
      if (one.image) add(family, one);
  };
  of_image("annals_image_position",
           "The newest image of the model, or of the open work of a process manager; 0 if this runtime has used or written none.",
           [](auto& family, const auto& one) { family.count({{"name", one.name}}, one.image->position); });
  of_image("annals_image_bytes", "The size of the last image that this runtime has written.",
           [](auto& family, const auto& one) { family.count({{"name", one.name}}, one.image->bytes); });
  of_image("annals_image_last_duration_seconds", "How long making it took, with its pauses.",
           [](auto& family, const auto& one) { family.nanoseconds({{"name", one.name}}, one.image->duration); });
  family_builder queries{into, counter, "annals_queries_total", "Queries that were answered, by outcome. Direct reads are not counted."};
  for (const auto& one : of.followers)
    for (std::size_t i = 0; one.projection && i < actors::endings; ++i)
      if (actors::is_possible(static_cast<ending>(i), true))
        queries.count({{"projection", one.name}, {"outcome", actors::label_of(static_cast<ending>(i), true)}},
                      one.projection->queries.ended[i].count() + one.projection->refused.ended[i].count());
  of_each(histogram, "annals_query_duration_seconds", "From ask() to the answer, with the wait for a token.",
          [](auto& family, const auto& one) { family.durations({{"projection", one.name}}, {&one.projection->queries.duration}); });
}

void add_processes(metrics& into, const shown_runtime& of) {
  const auto of_each = [&](metric_kind kind, std::string_view name, std::string_view help, auto&& add) {
    family_builder family{into, kind, name, help};
    for (const auto& one : of.followers)
      if (one.process) add(family, one);
  };
  of_each(gauge, "annals_process_commands_open", "Commands of process managers that have no answer yet.",
          [](auto& family, const auto& one) { family.count({{"category", one.name}}, one.process->commands_open); });
  of_each(gauge, "annals_process_timers", "Timers that are set and have not fired.",
          [](auto& family, const auto& one) { family.count({{"category", one.name}}, one.process->timers); });
  of_each(histogram, "annals_process_timer_lateness_seconds", "From the time for which a timer was set until its instance has observed it.",
          [](auto& family, const auto& one) { family.durations({{"category", one.name}}, {&one.process->timer_lateness}); });
  of_each(gauge, "annals_process_stuck", "Instances that a parked event blocks.",
          [](auto& family, const auto& one) { family.count({{"category", one.name}}, one.process->blocked); });
}

void add_subscriptions(metrics& into, const shown_runtime& of) {
  const auto of_each = [&](metric_kind kind, std::string_view name, std::string_view help, auto&& cell) {
    family_builder family{into, kind, name, help};
    for (const auto& one : of.followers)
      if (one.subscription) family.count({{"name", one.name}}, cell(*one.subscription));
  };
  of_each(gauge, "annals_subscription_members", "Members of the subscription.", [](const auto& one) { return one.members.number(); });
  of_each(gauge, "annals_subscription_in_flight_events", "Events that members hold and have not acknowledged.",
          [](const auto& one) { return one.in_flight.number(); });
  of_each(counter, "annals_subscription_ack_timeouts_total", "Events that were not acknowledged in time.",
          [](const auto& one) { return one.ack_time_outs.count(); });
}

void add_peers(metrics& into, const shown_runtime& of) {
  constexpr std::array<std::string_view, actors::rights> verbs{"append", "read", "ask", "replay", "operate", "admin"};
  family_builder denied{into, counter, "annals_access_denied_total", "Calls of other nodes that lacked a right."};
  for (std::size_t i = 0; i < verbs.size(); ++i) denied.count({{"right", verbs[i]}}, of.meters->denied[i]);
  constexpr std::array<std::string_view, actors::link_failures> reasons{"refused", "malformed", "overrun", "timed_out"};
  family_builder failures{into, counter, "annals_auth_failures_total", "Links of other nodes that were not let in, or were closed."};
  for (std::size_t i = 0; i < reasons.size(); ++i) failures.count({{"reason", reasons[i]}}, of.meters->not_let_in[i]);
}

}  // namespace annals::detail
