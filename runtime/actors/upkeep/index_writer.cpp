// The index writer: writes derived state, off the way of commands.
//
//   takes   flush_segment    from the loader
//           write_snapshot   from the loader; written after a segment that reaches its position
//           checkpoint       from projectors and process managers; written with a segment that reaches its position
//           parked_now       from projectors, process managers and skips; the newest of each is written about 100 ms later
//           go_on, flush_now   from itself
//           sweep            from itself: it is time to measure the store again
//           stop_now         from the engine, when the loader has ended, so after the last segment
//   sends   segment_flushed, index_stuck   to the loader
//
// A segment is written in parts, with pauses: if all its pages were synced at once, the journal's syncs would wait for them.
//
// Invariants: segments are written in order; what cannot be written is kept and tried again, without effect on the log; the mark
// moves with the last part of a segment, and parts beyond the mark, which a crash can leave, are written again with the same content;
// a checkpoint is written when the index has reached its position, never before.
#include "actors/upkeep/index_writer.hpp"

#include "actors/upkeep/messages.hpp"

#include <spdlog/logger.h>

namespace annals::actors {
namespace {

using index_writer_ptr = caf::stateful_actor<index_writer_state>*;

constexpr std::chrono::milliseconds retry_pause{1'000};
constexpr std::chrono::milliseconds part_pause{5};
constexpr std::size_t part_runs = 100;         // each run changes about one page
constexpr std::size_t part_runs_late = 1'000;  // when other segments wait

std::vector<store::named_checkpoint> reached_by(const index_writer_state& s, store::derived_mark mark) {
  std::vector<store::named_checkpoint> reached;
  for (const auto& [name, at] : s.checkpoints)
    if (at <= mark.at) reached.push_back({name, at});
  return reached;
}

/// False if writing fails.
bool flush(index_writer_ptr self, std::span<const store::stream_run> runs, store::derived_mark mark) {
  auto& s = self->state;
  const auto reached = reached_by(s, mark);
  if (auto ok = s.env->derived->flush(runs, reached, mark); !ok) {
    s.env->report("index writer", ok.error());
    return false;
  }
  s.env->meters.index.position.set(mark.at);
  s.env->meters.index.checkpoint_time.set(static_cast<std::uint64_t>(s.env->now()));
  for (const auto& done : reached) s.checkpoints.erase(done.name);
  return true;
}

/// Writes the snapshots whose positions the index has reached. If writing fails, they are kept for the next time.
void write_snapshots(index_writer_ptr self) {
  auto& s = self->state;
  const auto mark = s.env->derived->mark();
  std::vector<store::snapshot> ready;
  for (const auto& [stream, taken] : s.snapshots)
    if (taken.at <= mark.at) ready.push_back(taken);
  if (ready.empty()) return;
  if (auto ok = s.env->derived->write_snapshots(ready, s.env->options.snapshots_kept); !ok) return s.env->report("index writer", ok.error());
  for (const auto& done : ready) {
    if (auto* of = s.env->meters.find(std::string_view{done.stream}.substr(0, done.stream.find('-')))) of->snapshots.add();
    s.snapshot_bytes -= done.state.size();
    s.snapshots.erase(done.stream);
  }
}

constexpr std::chrono::milliseconds parked_pause{100};

/// A list that cannot be written is kept for the next time.
void write_parked(index_writer_ptr self) {
  auto& s = self->state;
  std::erase_if(s.parked, [&](const auto& entry) {
    auto ok = s.env->derived->write_parked(entry.first, entry.second);
    if (!ok) s.env->report("index writer", ok.error());
    return ok.has_value();
  });
}

/// Replaces a waiting snapshot of the same stream. While the waiting ones exceed 64 MiB, snapshots of other streams are dropped.
void add_snapshot(index_writer_state& s, store::snapshot taken) {
  constexpr std::size_t bytes_max = std::size_t{64} << 20;
  const auto waiting = s.snapshots.find(taken.stream);
  if (waiting != s.snapshots.end()) {
    s.snapshot_bytes -= waiting->second.state.size();
  } else if (s.snapshot_bytes > bytes_max)
    return;
  s.snapshot_bytes += taken.state.size();
  auto stream = taken.stream;
  s.snapshots.insert_or_assign(std::move(stream), std::move(taken));
}

/// Writes at most `runs_max` runs of the first segment. False if writing fails.
bool write_part(index_writer_ptr self, std::size_t runs_max) {
  auto& s = self->state;
  const auto& segment = *s.waiting.front().segment;
  const auto left = std::span{segment.runs}.subspan(s.done);
  if (left.size() > runs_max) {
    if (!flush(self, left.first(runs_max), s.env->derived->mark())) return false;
    s.done += runs_max;
    return true;
  }
  if (!flush(self, left, segment.mark)) return false;
  auto written = std::move(s.waiting.front());
  s.waiting.pop_front();
  s.done = 0;
  s.env->logger->debug("the stream index is written up to position {}", written.segment->mark.at);
  self->send(written.reply_to, segment_flushed{std::move(written.segment)});
  write_snapshots(self);
  return true;
}

constexpr std::chrono::seconds measure_pause{5};

/// Measures the store for runtime::metrics(), which must not wait for the disk.
void measure_store(index_writer_ptr self) {
  auto& s = self->state;
  if (!s.env->measure_store) return;
  s.env->measure_store(s.env->meters.store);
  self->delayed_send(self, measure_pause, sweep::value);
}

void write(index_writer_ptr self) {
  auto& s = self->state;
  if (s.waiting.empty() || s.armed) return;
  const bool late = s.waiting.size() > 1;
  const bool ok = write_part(self, late ? part_runs_late : part_runs);
  if (s.waiting.empty()) return;
  s.armed = true;
  if (!ok) {
    self->send(s.waiting.front().reply_to, index_stuck::value);
    self->delayed_send(self, retry_pause, go_on::value);
  } else if (late)
    self->send(self, go_on::value);
  else
    self->delayed_send(self, part_pause, go_on::value);
}

}  // namespace

caf::behavior index_writer(index_writer_ptr self, const environment& env) {
  self->state.env = &env;
  env.meters.index.position.set(env.derived->mark().at);
  env.meters.index.checkpoint_time.set(static_cast<std::uint64_t>(env.now()));
  measure_store(self);
  return {
      [self](flush_segment& job) {
        self->state.waiting.push_back(std::move(job));
        write(self);
      },
      [self](write_snapshot& made) { add_snapshot(self->state, std::move(made.taken)); },
      [self](checkpoint& reached) { self->state.checkpoints[reached.name] = reached.at; },
      [self](parked_now& news) {
        auto& s = self->state;
        s.parked[news.name] = std::move(news.events);
        if (!std::exchange(s.parked_armed, true)) self->delayed_send(self, parked_pause, flush_now::value);
      },
      [self](flush_now) {
        self->state.parked_armed = false;
        write_parked(self);
      },
      [self](go_on) {
        self->state.armed = false;
        write(self);
      },
      [self](sweep) { measure_store(self); },
      [self](stop_now) {
        auto& s = self->state;
        while (!s.waiting.empty() && write_part(self, part_runs_late)) {
        }
        // A process manager may have advanced over records that added nothing to the index.
        if (s.waiting.empty() && !s.checkpoints.empty()) (void)flush(self, {}, s.env->derived->mark());
        write_snapshots(self);
        write_parked(self);
        self->quit(caf::exit_reason::user_shutdown);
      },
  };
}

}  // namespace annals::actors
