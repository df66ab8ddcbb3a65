// The drainer: moves durable records from the front to LMDB, where readers see them. It works after the journal and does not delay it.
//
//   takes   wake              from the journal, when something is durable and not readable; from the engine, when the log takes no commits yet
//           hurry             from the journal, the engine and followers that wait for the readable head
//           make_room         from the journal, which then waits for `drained`
//           write_control     from followers with decisions that cannot be derived
//           go_on             from itself
//           stop_now          from the engine, when the journal has ended
//   sends   drained           to the journal, which may wait for room; also when there was no space
//           control_written   to the sender of `write_control`: its entries are durable, or certainly not, or it is unknown
//           journal_stopped   to the gateway, when the log failed
//
//   idle ── wake ──▶ a pause ──▶ drain ──▶ idle, or the next drain while there is more
//                                  │ no space: held, tried again
//                                  └ failed: stopped
//
// Invariants: what is durable becomes readable, however long the disk is full; the entries of `write_control` share a commit with the
// records that become readable, are held while there is no space, and are answered in any case.
#include "actors/upkeep/drainer.hpp"

#include "actors/upkeep/messages.hpp"

namespace annals::actors {
namespace {

using drainer_ptr = caf::stateful_actor<drainer_state>*;

/// How long a record may wait to become readable, for fewer commits: each commit delays the journal's disk writes.
constexpr std::chrono::milliseconds lag{5};
constexpr std::chrono::milliseconds first_pause{20};
constexpr std::chrono::milliseconds longest_pause{1000};

bool has_more(const drainer_state& s) {
  const auto& log = *s.env->log;
  return !s.waiting.empty() || log.readable() < log.durable() || !log.takes_commits();
}

void arm(drainer_ptr self, std::chrono::milliseconds pause) {
  if (std::exchange(self->state.armed, true)) return;
  if (pause.count() > 0)
    self->delayed_send(self, pause, go_on::value);
  else
    self->send(self, go_on::value);
}

void answer_writes(drainer_state& s, const std::shared_ptr<const error>& failed) {
  for (const auto& one : std::exchange(s.waiting, {})) one.reply_to.give(control_written{one.tag, failed});
}

void hold(drainer_ptr self, const std::string& why) {
  auto& s = self->state;
  if (!s.full) s.env->report("drainer", error{errc::storage_full, "no space to move records from the front to LMDB", why});
  s.full = true;
  s.env->alive.drainer_full = true;
  s.pause = std::clamp(s.pause * 2, first_pause, longest_pause);
  arm(self, s.pause);
  caf::anon_send(s.ports->journal, drained::value);
}

/// The actor goes on, to answer the `write_control` messages that still come.
void stop(drainer_ptr self, const std::string& why) {
  auto& s = self->state;
  answer_writes(s, std::make_shared<const error>(error{errc::unknown, "the log failed", why}));
  caf::anon_send(s.ports->journal, drained::value);  // if it waits for room, it finds that the log failed
  if (std::exchange(s.failed, true)) return;
  const error stopped{errc::store_failed, "moving records from the front to LMDB failed", why};
  s.env->report("drainer", stopped);
  self->send(s.ports->gateway, journal_stopped{stopped});
}

bool drain(drainer_ptr self) {
  auto& s = self->state;
  s.env->alive.drainer_knows.exchange(false);  // the journal announces again what becomes durable from here on
  std::vector<store::control_entry> decided;
  for (const auto& one : s.waiting) decided.insert(decided.end(), one.decided.begin(), one.decided.end());
  const telemetry::stopwatch watch;
  const auto outcome = s.env->log->drain(decided);
  if (outcome.status == store::commit_status::no_space) return hold(self, outcome.detail), false;
  if (outcome.status == store::commit_status::failed) return stop(self, outcome.detail), false;
  s.env->meters.log.drain_duration.add(watch.elapsed());
  if (std::exchange(s.full, false)) s.env->alive.drainer_full = false;
  s.pause = std::chrono::milliseconds{0};
  s.env->alive.control_changes.note(decided);
  if (!decided.empty()) s.env->news.changed();
  answer_writes(s, nullptr);
  caf::anon_send(s.ports->journal, drained::value);
  return true;
}

}  // namespace

caf::behavior drainer(drainer_ptr self, const environment& env, const upkeep_ports& ports) {
  self->state.env = &env;
  self->state.ports = &ports;
  return {
      [self](wake) {
        // If a drain has already moved everything, the next commit has to send `wake` again.
        if (!has_more(self->state)) self->state.env->alive.drainer_knows.exchange(false);
        if (has_more(self->state)) arm(self, lag);
      },
      [self](hurry) {
        auto& s = self->state;
        if (!s.full && has_more(s) && drain(self) && has_more(s)) arm(self, {});
      },
      [self](make_room) {
        auto& s = self->state;
        if (s.full) return;  // the next attempt sends `drained`
        if (!has_more(s)) return caf::anon_send(s.ports->journal, drained::value);
        if (drain(self) && has_more(s)) arm(self, {});
      },
      [self](write_control& what) {
        self->state.waiting.push_back(std::move(what));
        arm(self, lag);
      },
      [self](go_on) {
        auto& s = self->state;
        s.armed = false;
        s.env->alive.drainer_knows.exchange(false);
        if ((s.full || has_more(s)) && drain(self) && has_more(s)) arm(self, lag);
      },
      [self](stop_now) {
        // Drains as far as possible. What is left stays in the front, and the next open drains it.
        auto& s = self->state;
        const auto& log = *s.env->log;
        for (bool moves = true; moves && has_more(s);) {
          const auto before = log.readable();
          moves = drain(self) && log.readable() > before;
        }
        answer_writes(
            s, std::make_shared<const error>(error{errc::not_written, "the runtime was closed while the log had no space", "nothing was written"}));
        self->quit(caf::exit_reason::user_shutdown);
      },
  };
}

}  // namespace annals::actors
