// The index writer: writes derived state, off the write path.
//
//   takes   flush_segment   from the loader
//           checkpoint      from process managers; written with the next segment
//           stop_now        from the engine, when the loader has ended, and so behind its last segment
//   sends   segment_flushed
//
// Invariants: segments are written in order; what cannot be written is kept and tried again, and the log is not
// touched by it; a checkpoint is written when the index has passed its position, never before.
#include "actors/index_writer.hpp"

namespace annals::actors {
namespace {

using self_ptr = caf::stateful_actor<index_writer_state>*;

constexpr std::chrono::milliseconds retry_pause{1'000};

bool write_first(self_ptr self) {
  auto& s = self->state;
  const auto& segment = *s.waiting.front().segment;
  std::vector<store::named_checkpoint> reached;
  for (const auto& [name, at] : s.checkpoints)
    if (at <= segment.mark.at) reached.push_back({name, at});
  if (auto ok = s.env->index->flush(segment.runs, reached, segment.mark); !ok) {
    s.env->report("index writer", ok.error());
    return false;
  }
  for (const auto& done : reached) s.checkpoints.erase(done.name);
  return true;
}

void write_all(self_ptr self) {
  auto& s = self->state;
  while (!s.waiting.empty()) {
    if (!write_first(self)) {
      if (!std::exchange(s.trying_again, true)) self->delayed_send(self, retry_pause, try_again::value);
      return;
    }
    auto written = std::move(s.waiting.front());
    s.waiting.pop_front();
    self->send(written.reply_to, segment_flushed{std::move(written.segment)});
  }
}

}  // namespace

caf::behavior index_writer(self_ptr self, const environment& env) {
  self->state.env = &env;
  return {
      [self](flush_segment& job) {
        auto& s = self->state;
        s.waiting.push_back(std::move(job));
        if (!s.trying_again) write_all(self);
      },
      [self](checkpoint& reached) { self->state.checkpoints[reached.name] = reached.at; },
      [self](try_again) {
        self->state.trying_again = false;
        write_all(self);
      },
      [self](stop_now) {
        auto& s = self->state;
        if (s.waiting.empty() && !s.checkpoints.empty()) {
          // Nothing new in the index, but a process manager has seen more of the log.
          std::vector<store::named_checkpoint> reached;
          const auto mark = s.env->index->mark();
          for (const auto& [name, at] : s.checkpoints)
            if (at <= mark.at) reached.push_back({name, at});
          if (auto ok = s.env->index->flush({}, reached, mark); !ok) s.env->report("index writer", ok.error());
        }
        self->quit(caf::exit_reason::user_shutdown);
      },
  };
}

}  // namespace annals::actors
