// runtime::metrics(): the runtime itself, its commands, its log and its aggregates. docs/reference/metrics.md lists the families, and a
// test compares.
#include "actors/host/metrics.hpp"

#include "actors/host/engine.hpp"
#include "actors/host/metric_list.hpp"

#include <annals/version.hpp>

#include <array>
#include <string>

namespace annals::detail {

using enum metric_kind;
using actors::ending;

void add_runtime(metrics& into, const shown_runtime& of) {
  const auto& log = of.meters->log;
  family_builder{into, gauge, "annals_build_info", "Always 1. The version of annals and of the format on disk."}.count(
      {{"version", library_version}, {"format", std::to_string(store::log_format)}}, 1);
  family_builder{into, gauge, "annals_up", "1 while the runtime works; 0 after its log has failed."}.count({}, 1 - log.has_stopped.number());
  family_builder{into, gauge, "annals_start_time_seconds", "When the store was opened, in seconds since 1970."}.microseconds({}, log.started);
  const auto& start = of.meters->start;
  family_builder{into, gauge, "annals_start_duration_seconds",
                 "How long opening the store took, and in start() until projections, process managers and the stream index had caught up."}
      .nanoseconds({{"phase", "open"}}, log.opened_for)
      .nanoseconds({{"phase", "projections"}}, start.projections)
      .nanoseconds({{"phase", "processes"}}, start.processes)
      .nanoseconds({{"phase", "index"}}, start.index);
}

void add_commands(metrics& into, const shown_runtime& of) {
  family_builder commands{into, counter, "annals_commands_total", "Commands that were answered, of hosts and of process managers, by outcome."};
  for (std::size_t i = 0; i < actors::endings; ++i) {
    const auto what = static_cast<ending>(i);
    if (!actors::is_possible(what, false)) continue;
    const auto label = actors::label_of(what, false);
    for (std::size_t c = 0; c < of.meters->categories.size(); ++c) {
      const auto& one = of.meters->categories[c];
      auto all = one.answers.ended[i].count() + one.refused.ended[i].count();
      for (const auto& f : of.followers)
        if (f.process && c < f.process->answers.size()) all += f.process->answers[c].ended[i].count();
      commands.count({{"category", one.category}, {"outcome", label}}, all);
    }
    commands.count({{"category", ""}, {"outcome", label}}, of.meters->of_no_category.ended[i]);
  }
  family_builder durations{into, histogram, "annals_command_duration_seconds",
                           "From sending to the durable answer: commands of hosts and of process managers. Without what is refused at once."};
  for (std::size_t c = 0; c < of.meters->categories.size(); ++c) {
    const auto& one = of.meters->categories[c];
    std::vector<const telemetry::histogram*> all{&one.answers.duration};
    for (const auto& f : of.followers)
      if (f.process && c < f.process->answers.size()) all.push_back(&f.process->answers[c].duration);
    durations.durations({{"category", one.category}}, all);
  }
  family_builder{into, gauge, "annals_commands_in_flight", "Commands, queries and other requests of hosts that wait for their answers."}.count(
      {}, of.meters->in_flight);
  family_builder{into, gauge, "annals_commands_in_flight_limit", "Beyond this many, one more is answered overloaded."}.count({}, of.in_flight_max);
}

void add_log(metrics& into, const shown_runtime& of) {
  const auto& log = of.meters->log;
  family_builder{into, counter, "annals_log_events_total", "Events that this runtime has written."}.count({}, log.records);
  family_builder{into, counter, "annals_log_bytes_total", "Bytes of these, with their envelopes."}.count({}, log.bytes);
  family_builder{into, counter, "annals_log_commits_total", "Commits to the log, one for each batch."}.count({}, [&] {
    std::uint64_t all = 0;
    for (std::size_t i = 0; i < telemetry::histogram::buckets; ++i) all += log.commit_duration.count(i);
    return all;
  }());
  family_builder{into, histogram, "annals_log_commit_duration_seconds", "One synced write of a batch."}.durations({}, {&log.commit_duration});
  family_builder{into, histogram, "annals_log_commit_events", "Events in one batch."}.sizes({}, {&log.commit_records});
  family_builder{into, histogram, "annals_log_drain_duration_seconds", "One commit to LMDB, which makes events readable."}.durations(
      {}, {&log.drain_duration});
  family_builder{into, gauge, "annals_log_durable_position", "No crash can take away what is up to here."}.count({}, of.durable);
  family_builder{into, gauge, "annals_log_readable_position", "Readers see the log up to here."}.count({}, of.readable);
  family_builder{into, gauge, "annals_log_full", "1 while the log has no space: commands are answered storage_full."}.count({}, of.is_full);
  family_builder{into, gauge, "annals_log_failed", "1 after the log has failed: the runtime has stopped."}.count({}, log.has_stopped);
  const auto& index = of.meters->index;
  family_builder{into, gauge, "annals_index_tail_records", "Events that the stream index on disk does not have yet; they are in memory."}.count(
      {}, index.tail_records);
  family_builder{into, gauge, "annals_index_tail_records_limit", "Beyond this many, reads that need the index wait."}.count({}, of.tail_max);
  family_builder{into, gauge, "annals_index_position", "The stream index on disk has the log up to here."}.count({}, index.position);
  family_builder{into, gauge, "annals_checkpoint_timestamp_seconds",
                 "When the stream index and the checkpoints were last written, in seconds since 1970; at first, when the runtime started."}
      .microseconds({}, index.checkpoint_time);
}

void add_aggregates(metrics& into, const shown_runtime& of) {
  family_builder{into, gauge, "annals_aggregates_resident", "Aggregates in memory."}.count({}, of.resident);
  family_builder{into, gauge, "annals_aggregates_resident_limit", "Beyond this many, those not used lately leave."}.count({}, of.resident_max);
  std::uint64_t bytes = 0;
  for (const auto* shard : of.shards) bytes += shard->aggregate_bytes.number();
  family_builder{into, gauge, "annals_aggregate_bytes", "Estimated memory of these."}.count({}, bytes);
  const auto& categories = of.meters->categories;
  family_builder loads{into, counter, "annals_aggregate_loads_total",
                       "Aggregates that were loaded: from a snapshot and the events after it, or from all events."};
  for (const auto& one : categories)
    loads.count({{"category", one.category}, {"source", "snapshot"}}, one.loaded_from_snapshot)
        .count({{"category", one.category}, {"source", "stream"}}, one.loaded_from_stream);
  family_builder durations{into, histogram, "annals_aggregate_load_duration_seconds", "Loading one aggregate, with the wait for its turn."};
  for (const auto& one : categories) durations.durations({{"category", one.category}}, {&one.load_duration});
  family_builder passivations{into, counter, "annals_aggregate_passivations_total",
                              "Aggregates that left memory: unused for long, too many, or too large together."};
  constexpr std::array<std::string_view, actors::passivations> reasons{"idle", "count", "bytes"};
  for (std::size_t c = 0; c < categories.size(); ++c)
    for (std::size_t r = 0; r < reasons.size(); ++r) {
      std::uint64_t all = 0;
      for (const auto* shard : of.shards) all += shard->passivated[c][r].count();
      passivations.count({{"category", categories[c].category}, {"reason", reasons[r]}}, all);
    }
  family_builder snapshots{into, counter, "annals_snapshots_total", "Snapshots of aggregates that were written."};
  for (const auto& one : categories) snapshots.count({{"category", one.category}}, one.snapshots);
}

void add_traces(metrics& into, const shown_runtime& of) {
  const auto& spans = *of.tracing->spans();
  family_builder{into, counter, "annals_trace_spans_total",
                 "Spans that were taken by a collector, that it refused, and that were dropped because too many waited."}
      .count({{"outcome", "exported"}}, spans.exported())
      .count({{"outcome", "dropped"}}, spans.dropped())
      .count({{"outcome", "failed"}}, spans.failed());
  family_builder{into, counter, "annals_trace_contexts_ignored_total", "Commands whose trace could not be read; they were handled without it."}.count(
      {}, of.tracing->ignored());
}

annals::metrics engine::metrics() const {
  shown_runtime shown;
  shown.meters = &env_.meters;
  shown.tracing = &env_.tracing;
  shown.readable = env_.alive.readable;
  shown.durable = env_.log->durable();
  shown.is_full = env_.alive.storage_full();
  shown.resident = env_.alive.resident;
  shown.resident_max = env_.options.aggregates_resident_max;
  shown.in_flight_max = env_.options.commands_in_flight_max;
  shown.tail_max = env_.options.index_tail_records_max;
  if (begun_)
    for (const auto& one : write_.shards) shown.shards.push_back(&one.meters);
  const auto add = [&](std::string_view kind, const follower& one) -> shown_follower& {
    const auto& cell = *one.cell;
    return shown.followers.emplace_back(
        shown_follower{kind, cell.name, &cell.meters, nullptr, nullptr, nullptr, nullptr, actors::parked_events::max});
  };
  for (const auto& p : projections_) {
    auto& one = add("projection", p);
    one.projection = &p.cell->of_projection;
    one.image = &p.cell->image;
  }
  for (const auto& p : processes_) {
    auto& one = add("process", p);
    one.process = &p.cell->of_process;
    one.image = &p.cell->image;
  }
  const auto subscribed = subscriptions();
  for (const auto& cell : subscribed)
    shown.followers.push_back({"subscription", cell->name, &cell->meters, nullptr, nullptr, nullptr, &cell->of_members, cell->parked_max.number()});
  annals::metrics all;
  for (const auto part : {add_runtime, add_commands, add_log, add_store, add_aggregates, add_followers, add_parked, add_models, add_processes,
                          add_subscriptions, add_peers, add_traces})
    part(all, shown);
  return all;
}

}  // namespace annals::detail
