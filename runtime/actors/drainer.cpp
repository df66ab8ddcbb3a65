// The drainer: takes what is durable to where readers see it, behind the journal and out of its way.
//
//   takes   wake       from the journal, when something is durable and not readable
//           hurry      from whoever waits for the readable head
//           make_room  from the journal, which waits for `drained`
//           go_on      from itself
//           stop_now   from the engine, when the journal has ended
//   sends   drained    to the journal, which may wait for room, also when there was no space
//           journal_stopped   to the gateway, when the log failed
//
//   idle ── wake ──▶ a pause ──▶ drain ──▶ idle, or on while there is more
//                                  │ no space: held, tried again
//                                  └ failed: stopped
//
// Invariant: what is durable becomes readable, however long the disk is full.
#include "actors/drainer.hpp"

namespace annals::actors {
namespace {

using self_ptr = caf::stateful_actor<drainer_state>*;

/// How far readers may be behind for the sake of fewer commits: each takes the disk from the journal for a while.
constexpr std::chrono::milliseconds lag{5};
constexpr std::chrono::milliseconds first_pause{20};
constexpr std::chrono::milliseconds longest_pause{1000};

bool has_more(const drainer_state& s) { return s.env->log->readable() < s.env->log->durable(); }

void arm(self_ptr self, std::chrono::milliseconds pause) {
  if (std::exchange(self->state.armed, true)) return;
  if (pause.count() > 0)
    self->delayed_send(self, pause, go_on::value);
  else
    self->send(self, go_on::value);
}

void hold(self_ptr self, const std::string& why) {
  auto& s = self->state;
  if (!s.full) s.env->report("drainer", error{errc::storage_full, "no space for the log behind its front", why});
  s.full = true;
  s.env->alive.storage_full = true;
  s.pause = std::clamp(s.pause * 2, first_pause, longest_pause);
  arm(self, s.pause);
  caf::anon_send(s.env->journal.reader, drained::value);
}

void stop(self_ptr self, const std::string& why) {
  const error stopped{errc::store_failed, "the log behind its front failed", why};
  self->state.env->report("drainer", stopped);
  self->send(self->state.env->gateway, journal_stopped{stopped});
  caf::anon_send(self->state.env->journal.reader, drained::value);  // it may wait for room, and finds the log failed
  self->quit(caf::exit_reason::user_shutdown);
}

bool drain(self_ptr self) {
  auto& s = self->state;
  s.env->alive.drainer_knows.exchange(false);  // what is durable from here on is announced again
  const auto outcome = s.env->log->drain();
  if (outcome.status == store::commit_status::no_space) return hold(self, outcome.detail), false;
  if (outcome.status == store::commit_status::failed) return stop(self, outcome.detail), false;
  if (std::exchange(s.full, false)) s.env->alive.storage_full = false;
  s.pause = std::chrono::milliseconds{0};
  caf::anon_send(s.env->journal.reader, drained::value);
  return true;
}

}  // namespace

caf::behavior drainer(self_ptr self, const environment& env) {
  self->state.env = &env;
  return {
      [self](wake) {
        // A drain may have taken it meanwhile; then the next commit has to say so again.
        if (!has_more(self->state)) self->state.env->alive.drainer_knows.exchange(false);
        if (has_more(self->state)) arm(self, lag);
      },
      [self](hurry) {
        auto& s = self->state;
        if (!s.full && has_more(s) && drain(self) && has_more(s)) arm(self, {});
      },
      [self](make_room) {
        auto& s = self->state;
        if (s.full) return;  // the journal hears of the next try
        if (!has_more(s)) return caf::anon_send(s.env->journal.reader, drained::value);
        if (drain(self) && has_more(s)) arm(self, {});
      },
      [self](go_on) {
        auto& s = self->state;
        s.armed = false;
        s.env->alive.drainer_knows.exchange(false);
        if ((s.full || has_more(s)) && drain(self) && has_more(s)) arm(self, lag);
      },
      [self](stop_now) {
        // As far as it goes: what is left is in the front, and the next open takes it.
        const auto& log = *self->state.env->log;
        for (bool moves = true; moves && has_more(self->state);) {
          const auto before = log.readable();
          moves = drain(self) && log.readable() > before;
        }
        self->quit(caf::exit_reason::user_shutdown);
      },
  };
}

}  // namespace annals::actors
