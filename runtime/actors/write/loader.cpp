// The loader: reads streams for aggregates, and keeps the tail of the stream index.
//
//   takes   load, look_back   from aggregates
//           take_snapshot     from aggregates
//           look_further      from itself: the next part of a look_back
//           grown             from the event bus: the log has grown, the tail follows
//           flush_now         from itself, one second after the first record that the index lacks
//           segment_flushed, index_stuck   from the index writer: it has written a segment; it could not
//           stop_now          from the engine, when the drainer has ended
//           catch_up          from the engine, at the start
//   sends   loaded, looked_back   to aggregates, through their shards
//           flush_segment, write_snapshot   to the index writer
//
// Invariants: a load sees all that was durable when it was requested; a segment is written when all of it is readable; a long load
// continues after other jobs, a part at a time; the state that is folded belongs to this thread until `loaded` hands it back; the tail
// is bounded: when it is full, jobs that need more of the log wait until the index writer has written a segment of it.
#include "actors/write/loader.hpp"

#include "actors/follow/messages.hpp"
#include "actors/upkeep/messages.hpp"
#include "actors/write/rehydration.hpp"
#include "actors/write/shard_inbox.hpp"
#include "store/read/past_state.hpp"

#include <spdlog/logger.h>

#include <algorithm>

namespace annals::actors {
namespace {

using loader_ptr = caf::stateful_actor<loader_state>*;

constexpr std::size_t part_records = 2'000;       // of one stream, before other jobs have their turn
constexpr std::size_t catch_up_records = 20'000;  // of the log, before other jobs have their turn
constexpr annals::version look_back_records = 500;
constexpr std::chrono::milliseconds flush_pause{1'000};

std::shared_ptr<const error> failed(const error& why) { return std::make_shared<const error>(why); }

void arm_flush(loader_ptr self) {
  if (!std::exchange(self->state.flush_is_armed, true)) self->delayed_send(self, flush_pause, flush_now::value);
}

void send_segments(loader_ptr self) {
  auto& s = self->state;
  if (auto segment = s.reader->take_segment()) s.closed.push_back(std::move(segment));
  for (; !s.closed.empty() && s.closed.front()->mark.at <= s.env->log->readable(); s.closed.pop_front())
    self->send(s.ports->index_writer, flush_segment{s.closed.front(), self});
  if (!s.closed.empty()) arm_flush(self);
}

bool is_full(const loader_state& s) { return s.reader->tail_records() >= s.env->options.index_tail_records_max; }

/// Extends the tail to what is durable now, as far as there is room. Host threads do the same for what they read.
result<void> follow(loader_ptr self) {
  auto& s = self->state;
  while (!is_full(s)) {
    const auto room = s.env->options.index_tail_records_max - s.reader->tail_records();
    auto reached = s.reader->catch_up(std::min(catch_up_records, room));
    if (!reached) return std::move(reached).error();
    if (s.reader->open_records() >= s.env->options.index_flush_records) send_segments(self);
    if (*reached) break;
  }
  if (s.reader->open_records() > 0) arm_flush(self);
  return {};
}

/// Reads the command ids from the last records of the stream: as many records as an aggregate remembers commands at least.
result<void> remember_ids(const loader_state& s, const std::string& stream, rehydration& into) {
  constexpr auto kept = recent_commands::remembered_min;
  const auto from = into.version > kept ? into.version - kept + 1 : 1;
  bool first = true;
  auto read = s.reader->read(stream, from, into.version - from + 1, [&](const record_view& record) {
    if (std::exchange(first, false) && from > 1) into.recent.begin_after(record.at - 1);
    into.note_id(record);
    return true;
  });
  if (!read) return std::move(read).error();
  return {};
}

/// Begins with the newest good snapshot and the ids of the commands before it.
result<void> begin(const loader_state& s, const load& job) {
  auto& into = *job.into;
  const store::state_sources from{s.env->log, s.env->derived, s.env->derived, [&](const std::string& line) { s.env->logger->warn(line); }};
  auto begun = store::begin_with_snapshot(from, job.stream, *job.type, {.position = s.reader->known()});
  if (!begun) return std::move(begun).error();
  into.state = std::move(begun->state);
  into.version = into.snapshot = begun->version;
  return into.version > 0 ? remember_ids(s, job.stream, into) : result<void>{};
}

void end_load(loader_ptr self, load& job, const std::optional<error>& wrong) {
  auto& meters = self->state.env->meters.categories[job.type->number];
  meters.load_duration.add(job.into->since.elapsed());
  if (!wrong) (job.into->snapshot > 0 ? meters.loaded_from_snapshot : meters.loaded_from_stream).add();
  job.reply_to.give(loaded{std::move(job.into), wrong ? failed(*wrong) : nullptr});
}

void on_load(loader_ptr self, load& job, std::optional<error> wrong) {
  auto& s = self->state;
  auto& into = *job.into;
  if (!wrong && into.version == 0 && job.type->has_snapshots())
    if (auto ok = begin(s, job); !ok) wrong = ok.error();
  const auto from = into.version + 1;
  annals::version next = from;
  if (!wrong) {
    auto read = s.reader->read(job.stream, from, part_records, [&](const record_view& record) {
      if (auto ok = into.fold(record); !ok) wrong = ok.error();
      return !wrong;
    });
    if (!read)
      wrong = read.error();
    else
      next = *read;
  }
  if (!wrong && next - from >= part_records)
    self->send(self, std::move(job));
  else
    end_load(self, job, wrong);
}

void on_take_snapshot(loader_ptr self, take_snapshot& job, const std::optional<error>& wrong) {
  auto& s = self->state;
  if (wrong) return s.env->report("loader", *wrong);
  write_snapshot made{{std::move(job.stream), job.version, 0, 0, job.shape, std::move(job.state)}};
  auto read = s.reader->read(made.taken.stream, job.version, 1, [&](const record_view& record) {
    made.taken.at = record.at;
    made.taken.checksum = record.checksum;
    return true;
  });
  if (!read) return s.env->report("loader", read.error());
  self->send(s.ports->index_writer, std::move(made));
}

/// Searches one part of the stream. The next part follows by a message, after other jobs.
void on_look_further(loader_ptr self, look_further& job, const std::optional<error>& wrong) {
  auto& s = self->state;
  auto& [asked, found] = job;
  if (wrong) found.failed = failed(*wrong);
  const auto from = std::max(asked.least, asked.below > look_back_records ? asked.below - look_back_records + 1 : 1);
  const auto known = found.ids.size();
  const bool keeps = known < asked.ids_max;
  position oldest = 0;
  if (!found.failed && asked.below >= from) {
    auto read = s.reader->read(asked.stream, from, asked.below - from + 1, [&](const record_view& record) {
      if (oldest == 0) oldest = record.at;
      if (keeps && ends_command(record)) found.ids.push_back(remembered::as(record.command_id, record.fingerprint, record.version));
      if (record.command_id == asked.id) {
        found.found = true;
        found.fingerprint = record.fingerprint;
        found.first.version = record.version + (record.count - record.index - 1u);
        found.first.at = record.at + (record.count - record.index - 1u);
        found.first.events = record.count;
      }
      return true;
    });
    if (!read) found.failed = failed(read.error());
  }
  std::reverse(found.ids.begin() + static_cast<std::ptrdiff_t>(known), found.ids.end());
  if (keeps) found.covered = from == 1 || oldest == 0 ? 0 : oldest - 1;
  const bool reached_end = from == asked.least || oldest <= asked.since;
  if (!found.found && !found.failed && !reached_end) {
    asked.below = from - 1;
    return self->send(self, std::move(job));
  }
  std::reverse(found.ids.begin(), found.ids.end());
  asked.reply_to.give(std::move(found));
}

void on_look_back(loader_ptr self, look_back& job, const std::optional<error>& wrong) {
  look_further whole{std::move(job), {}};
  whole.so_far.tag = whole.asked.tag;
  on_look_further(self, whole, wrong);
}

void on_catch_up(loader_ptr self, catch_up& job) {
  *job.done = true;
  self->state.env->news.changed();
}

template <class... Handlers>
struct overloaded : Handlers... {
  using Handlers::operator()...;
};

/// Follows the log and runs the jobs whose positions the tail has reached. If the log cannot be read, all waiting jobs fail.
result<void> serve(loader_ptr self) {
  auto& s = self->state;
  auto followed = follow(self);
  const bool blocked = s.index_is_stuck && is_full(s);
  s.env->alive.index_blocked = blocked;
  while (!s.waiting.empty()) {
    auto& next = s.waiting.front();
    const bool starts = std::holds_alternative<catch_up>(next.what);
    if (followed && s.reader->known() < next.needs && !(blocked && starts)) break;
    auto job = std::move(next.what);
    s.waiting.pop_front();
    const auto wrong = followed ? std::optional<error>{} : followed.error();
    std::visit(overloaded{
                   [&](load& one) { on_load(self, one, wrong); },
                   [&](take_snapshot& one) { on_take_snapshot(self, one, wrong); },
                   [&](look_back& one) { on_look_back(self, one, wrong); },
                   [&](look_further& one) { on_look_further(self, one, wrong); },
                   [&](catch_up& one) { on_catch_up(self, one); },
               },
               job);
  }
  s.env->meters.index.tail_records.set(s.reader->tail_records());
  if (followed && !is_full(s) && !std::exchange(s.follows, true)) self->send(s.ports->event_bus, after{self, s.reader->known()});
  return followed;
}

template <class Job>
void wait_and_serve(loader_ptr self, Job& job) {
  auto& s = self->state;
  s.waiting.push_back({s.env->log->durable(), std::move(job)});
  (void)serve(self);
}

}  // namespace

caf::behavior loader(loader_ptr self, const environment& env, const write_ports& ports) {
  auto& s = self->state;
  s.env = &env;
  s.ports = &ports;
  s.reader = ports.tail;
  s.follows = true;
  self->send(ports.event_bus, after{self, s.reader->known()});
  return {
      [self](load& job) { wait_and_serve(self, job); },
      [self](look_back& job) { wait_and_serve(self, job); },
      [self](look_further& job) { wait_and_serve(self, job); },
      [self](take_snapshot& job) { wait_and_serve(self, job); },
      [self](catch_up& job) { wait_and_serve(self, job); },
      [self](const grown&) {
        self->state.follows = false;
        if (auto ok = serve(self); !ok) self->state.env->report("loader", ok.error());
      },
      [self](flush_now) {
        self->state.flush_is_armed = false;
        send_segments(self);
      },
      [self](const segment_flushed& done) {
        self->state.reader->flushed(*done.segment);
        self->state.index_is_stuck = false;
        (void)serve(self);
      },
      [self](index_stuck) {
        self->state.index_is_stuck = true;
        (void)serve(self);
      },
      [self](stop_now) {
        // The rest of the tail goes to the index writer, which gets its own `stop_now` after it.
        (void)follow(self);
        send_segments(self);
        self->quit(caf::exit_reason::user_shutdown);
      },
  };
}

}  // namespace annals::actors
