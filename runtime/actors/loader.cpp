// The loader: reads streams for aggregates, and keeps the tail of the stream index.
//
//   takes   load, look_back   from aggregates
//           take_snapshot     from aggregates
//           look_further      from itself: the next part of a look_back
//           grown             from the event bus: the log has grown, the tail follows
//           flush_now         from itself, a while after the first record that the index lacks; from the engine
//           segment_flushed   from the index writer
//   sends   loaded, looked_back   to aggregates, through their shards
//           flush_segment, keep_snapshot   to the index writer
//
// Invariants: a load sees all that was durable when it was asked for; long ones go on behind the others, a part at a time; a
// segment is written when all of it is readable; the state that is folded belongs to this thread until `loaded` hands it back.
#include "actors/loader.hpp"

#include "actors/rehydration.hpp"
#include "actors/shard_inbox.hpp"
#include "store/past_state.hpp"

#include <spdlog/logger.h>

#include <algorithm>

namespace annals::actors {
namespace {

using self_ptr = caf::stateful_actor<loader_state>*;

constexpr std::size_t part_records = 2'000;       // of one stream, before others have their turn
constexpr std::size_t catch_up_records = 20'000;  // of the log, before loads have their turn
constexpr annals::version look_back_records = 500;
constexpr std::chrono::milliseconds flush_pause{1'000};

std::shared_ptr<const error> failed(const error& why) { return std::make_shared<const error>(why); }

void arm_flush(self_ptr self) {
  if (!std::exchange(self->state.flush_is_armed, true)) self->delayed_send(self, flush_pause, flush_now::value);
}

void send_segments(self_ptr self) {
  auto& s = self->state;
  if (auto segment = s.reader->take_segment()) s.closed.push_back(std::move(segment));
  for (; !s.closed.empty() && s.closed.front()->mark.at <= s.env->log->readable(); s.closed.pop_front())
    self->send(s.env->index_writer, flush_segment{s.closed.front(), self});
  if (!s.closed.empty()) arm_flush(self);
}

/// The tail takes what is durable now. Hosts' threads do the same for what they read.
result<void> follow(self_ptr self) {
  auto& s = self->state;
  for (;;) {
    auto reached = s.reader->catch_up(catch_up_records);
    if (!reached) return std::move(reached).error();
    const auto behind = s.reader->tail_records();
    s.env->alive.index_behind = behind > s.env->options.index_tail_records_max;
    if (s.reader->open_records() >= s.env->options.index_flush_records) send_segments(self);
    if (*reached) break;
  }
  if (s.reader->open_records() > 0) arm_flush(self);
  return {};
}

/// The ids of its last commands are read from the stream: as many as an aggregate remembers at least.
result<void> remember_ids(const loader_state& s, const std::string& stream, rehydration& into) {
  constexpr auto kept = recent_commands::kept_min;
  const auto from = into.version > kept ? into.version - kept + 1 : 1;
  bool first = true;
  auto read = s.reader->read(stream, from, into.version - from + 1, [&](const record_view& record) {
    if (std::exchange(first, false) && from > 1) into.recent.begin_behind(record.at - 1);
    into.note_id(record);
    return true;
  });
  if (!read) return std::move(read).error();
  return {};
}

/// The newest good snapshot, and the ids before it.
result<void> begin(const loader_state& s, const load& job) {
  auto& into = *job.into;
  const store::kept_history from{s.env->log, s.env->index, [&](const std::string& line) { s.env->logger->warn(line); }};
  auto begun = store::begin_with_snapshot(from, job.stream, *job.type, {.position = s.reader->known()});
  if (!begun) return std::move(begun).error();
  into.state = std::move(begun->state);
  into.version = into.snapshot = begun->version;
  return into.version > 0 ? remember_ids(s, job.stream, into) : result<void>{};
}

void take(self_ptr self, load& job) {
  auto& s = self->state;
  auto& into = *job.into;
  std::optional<error> wrong;
  if (auto ok = follow(self); !ok) wrong = ok.error();
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
    job.reply_to.give(loaded{std::move(job.into), wrong ? failed(*wrong) : nullptr});
}

void take(self_ptr self, take_snapshot& job) {
  auto& s = self->state;
  keep_snapshot made{{std::move(job.stream), job.version, 0, 0, job.shape, std::move(job.state)}};
  if (auto ok = follow(self); !ok) return s.env->report("loader", ok.error());
  auto read = s.reader->read(made.taken.stream, job.version, 1, [&](const record_view& record) {
    made.taken.at = record.at;
    made.taken.checksum = record.checksum;
    return true;
  });
  if (!read) return s.env->report("loader", read.error());
  self->send(s.env->index_writer, std::move(made));
}

/// One part of the stream; the next one comes by a message, behind others.
void take(self_ptr self, look_further& job) {
  auto& s = self->state;
  auto& asked = job.asked;
  auto& found = job.so_far;
  if (auto ok = follow(self); !ok) found.failed = failed(ok.error());
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

void take(self_ptr self, look_back& job) {
  look_further whole{std::move(job), {}};
  whole.so_far.tag = whole.asked.tag;
  take(self, whole);
}

}  // namespace

caf::behavior loader(self_ptr self, const environment& env) {
  auto& s = self->state;
  s.env = &env;
  s.reader = env.tail;
  self->send(env.event_bus, after{self, s.reader->known()});
  return {
      [self](load& job) { take(self, job); },
      [self](look_back& job) { take(self, job); },
      [self](look_further& job) { take(self, job); },
      [self](take_snapshot& job) { take(self, job); },
      [self](const grown&) {
        auto& s = self->state;
        if (auto ok = follow(self); !ok) return s.env->report("loader", ok.error());
        self->send(s.env->event_bus, after{self, s.reader->known()});
      },
      [self](flush_now) {
        self->state.flush_is_armed = false;
        send_segments(self);
      },
      [self](const segment_flushed& done) {
        auto& s = self->state;
        s.reader->flushed(*done.segment);
        s.env->alive.index_behind = s.reader->tail_records() > s.env->options.index_tail_records_max;
      },
      [self](stop_now) {
        // The last tail goes to the index writer, which is told to stop behind it.
        (void)follow(self);
        send_segments(self);
        self->quit(caf::exit_reason::user_shutdown);
      },
  };
}

}  // namespace annals::actors
