// A shard: owns the aggregates whose stream hashes to it.
//
//   takes   wake               from its inbox, when commands of hosts and process managers, or answers to its aggregates, wait
//                              there; from itself, when there was too much for one turn
//           passivate_answer   from an aggregate that was asked to passivate
//           memory_grown       from an aggregate that remembers more ids than usual
//           fence_passed       from the journal, for a dead aggregate
//           sweep              from itself, about four times in `aggregate_idle_max`
//   sends   commands, passivate, and the answers that came for them, to aggregates
//           append, fence      to the journal: what its aggregates handed over in this turn, as one batch
//           commands_lost      to the gateway
//
//   a turn: take ──▶ commands to their aggregates, spawned on demand ──▶ these run ──▶ all that they decided to the journal
//
// Invariants: its aggregates run in its turns and nowhere else; an aggregate leaves memory only when a fence shows that it
// has received all that was forwarded to it (rule 2); a dead aggregate gets a successor only after a fence.
#include "actors/write/shard.hpp"

#include "actors/write/aggregate.hpp"
#include "actors/write/recent_commands.hpp"

#include <spdlog/logger.h>

#include <algorithm>
#include <limits>
#include <utility>

namespace annals::actors {
namespace {

using shard_ptr = caf::stateful_actor<shard_state>*;
using resident = shard_state::resident;

/// Memory of an actor, its mailbox and its entry here, without the state. Measured with `annals-bench memory`.
constexpr std::size_t aggregate_bytes = 2'400;
/// Memory of each remembered command, up to `remembered_max`: its entry and its slots.
constexpr std::size_t remembered_bytes = sizeof(remembered) + 3 * sizeof(std::uint64_t);
constexpr std::size_t remembered_max = 128;
constexpr std::size_t passivating_max = 10'000;  // asked and not answered at one time
constexpr std::size_t commands_a_turn_max = 1'024;
constexpr std::uint32_t idle_sweeps = 4;  // an aggregate unused for more sweeps than this has been idle for `aggregate_idle_max`

void spawn_for(shard_ptr self, resident& r) {
  auto& s = self->state;
  r.actor = self->spawn<caf::monitored + caf::lazy_init>(aggregate, std::cref(*s.env), std::cref(*s.ports), s.inbox, &s.to_journal, r.type, r.stream);
}

resident& resident_for(shard_ptr self, const command& cmd) {
  auto& s = self->state;
  if (auto* found = s.by_stream.find(cmd.stream_hash, cmd.stream)) {
    found->used = true;
    found->last_used = s.sweeps;
    return *found;
  }
  auto& r = s.residents.emplace_back();
  r.place = std::prev(s.residents.end());
  r.hash = cmd.stream_hash;
  r.stream = cmd.stream;
  r.type = cmd.type;
  r.bytes = aggregate_bytes + cmd.type->state_bytes + 2 * cmd.stream.size();
  r.last_used = s.sweeps;
  s.by_stream.insert(r);
  s.bytes += r.bytes;
  ++s.env->alive.resident;
  spawn_for(self, r);
  return r;
}

void add_bytes(shard_state& s, resident& r, std::size_t more) {
  r.bytes += more;
  s.bytes += more;
  if (r.passivating) s.passivating_bytes += more;
}

/// Why aggregates have to leave memory; nothing if they need not.
std::optional<passivation> too_many(const shard_state& s) {
  if (s.residents.size() - s.passivating > s.resident_max) return passivation::count;
  if (s.bytes - s.passivating_bytes > s.bytes_max) return passivation::bytes;
  return std::nullopt;
}

void set_passivating(shard_state& s, resident& r, bool on) {
  if (r.passivating == on) return;
  r.passivating = on;
  s.passivating += on ? 1 : -1;
  s.passivating_bytes += on ? r.bytes : -r.bytes;
}

void ask_to_passivate(shard_state& s, resident& r, passivation why) {
  if (r.passivating || !r.actor || s.passivating >= passivating_max) return;
  set_passivating(s, r, true);
  r.why_passivating = why;
  s.turn->send(r.actor, passivate{});
}

void tell_pressure(shard_state& s) {
  const auto why = too_many(s);
  if (!why || std::exchange(s.told_pressure, true)) return;
  if (*why == passivation::count)
    s.env->logger->info("a shard has more aggregates in memory than its share of aggregates_resident_max, {}: those not used lately leave",
                        s.resident_max);
  else
    s.env->logger->info("the aggregates of a shard need more memory than its share of aggregate_bytes_max, {} bytes: those not used lately leave",
                        s.bytes_max);
}

/// Asks as many unused aggregates to passivate as necessary. One that was used since the last visit gets a second chance; a list in order
/// of use would touch two more entries for each command.
void passivate_unused(shard_state& s) {
  tell_pressure(s);
  for (auto left = 2 * s.residents.size(); left > 0 && s.passivating < passivating_max; --left) {
    const auto why = too_many(s);
    if (!why) return;
    auto& r = s.residents.front();
    s.residents.splice(s.residents.end(), s.residents, s.residents.begin());
    if (!std::exchange(r.used, false)) ask_to_passivate(s, r, *why);
  }
}

/// Asks all aggregates that have been idle for too long to passivate.
void passivate_idle(shard_state& s) {
  for (auto& one : s.residents)
    if (s.sweeps - one.last_used > idle_sweeps) ask_to_passivate(s, one, passivation::idle);
}

void remove(shard_ptr self, resident& r) {
  auto& s = self->state;
  s.bytes -= r.bytes;
  s.by_stream.erase(r);
  s.residents.erase(r.place);
  --s.env->alive.resident;
}

void on_passivate_answer(shard_ptr self, const passivate_answer& report) {
  auto& s = self->state;
  auto* r = s.by_stream.find(store::hash_of_stream(report.stream), report.stream);
  if (!r || !r->passivating) return;
  set_passivating(s, *r, false);
  if (report.received != r->forwarded) return;  // it got commands meanwhile
  s.inbox->meters.passivated[r->type->number][static_cast<std::size_t>(r->why_passivating)].add();
  self->send_exit(r->actor, caf::exit_reason::user_shutdown);
  remove(self, *r);
}

/// Runs the aggregates that are ready and hands what they decided to the journal.
void end_turn(shard_ptr self) {
  auto& s = self->state;
  s.turn->run_ready(self->context(), std::numeric_limits<std::size_t>::max());
  if (!s.to_journal.items.empty()) s.ports->journal.put(s.to_journal);
  s.inbox->meters.aggregate_bytes.set(s.bytes);
  s.unstashed.clear();
}

/// An aggregate died: only a broken invariant or a lack of memory can cause this.
void on_down(shard_ptr self, const caf::down_msg& down) {
  auto& s = self->state;
  for (auto& r : s.residents) {
    if (r.actor.address() != down.source) continue;
    set_passivating(s, r, false);
    r.actor = nullptr;
    const auto tag = s.next_tag++;
    s.fenced.emplace(tag, &r);
    s.to_journal.fence({self, nullptr}, tag);
    s.env->report("aggregate " + r.stream, error{errc::unknown, "the actor died", self->system().render(down.reason)});
    break;
  }
  end_turn(self);
}

/// Adds the command to those that the aggregate gets in this turn.
void link(shard_state& s, resident& r, command& cmd) {
  if (r.first)
    r.last->next = &cmd;
  else {
    r.first = &cmd;
    s.touched.push_back(&r);
  }
  r.last = &cmd;
}

using aggregate_actor = caf::stateful_actor<aggregate_state>;

const aggregate_actor* actor_of(const resident& r) { return static_cast<const aggregate_actor*>(caf::actor_cast<caf::abstract_actor*>(r.actor)); }

void prefetch(const void* from, std::size_t bytes) {
  for (std::size_t at = 0; at < bytes; at += 64) __builtin_prefetch(static_cast<const char*>(from) + at);
}

/// Prefetches what the next command of this aggregate will touch. The actor itself was prefetched before.
void prefetch_state(const aggregate_actor& one) {
  if (one.getf(caf::abstract_actor::is_terminated_flag) || !one.state.self) return;
  prefetch(one.state.self.get(), sizeof(rehydration));
  prefetch(one.state.self->state.get(), 1);
  prefetch(one.state.self->recent.end(), 1);
}

/// Sends the aggregates their commands. With many aggregates none is in the caches, so the next ones are prefetched meanwhile.
void send_linked(shard_state& s) {
  constexpr std::size_t actor_ahead = 4, state_ahead = 2;
  for (std::size_t i = 0; i < s.touched.size(); ++i) {
    if (i + actor_ahead < s.touched.size()) prefetch(actor_of(*s.touched[i + actor_ahead]), sizeof(aggregate_actor));
    if (i + state_ahead < s.touched.size()) prefetch_state(*actor_of(*s.touched[i + state_ahead]));
    auto& r = *s.touched[i];
    s.turn->send(r.actor, commands{std::exchange(r.first, nullptr)});
  }
  s.touched.clear();
}

void on_fence_passed(shard_ptr self, const fence_passed& passed) {
  auto& s = self->state;
  const auto fenced = s.fenced.extract(passed.tag);
  if (fenced.empty()) return;
  auto& r = *fenced.mapped();
  commands_lost gone{r.stream, {}};
  for (const auto& cmd : r.stash) gone.except.push_back(cmd->reply.number);
  self->send(s.ports->gateway, std::move(gone));
  spawn_for(self, r);
  r.forwarded = r.stash.size();
  s.unstashed = std::exchange(r.stash, {});
  for (auto& cmd : s.unstashed) link(s, r, *cmd);
  send_linked(s);
  end_turn(self);
}

void forward(shard_ptr self, command& cmd) {
  auto& s = self->state;
  auto& r = resident_for(self, cmd);
  if (!r.actor) {
    r.stash.emplace_back(cmd);
    return;
  }
  if (++r.forwarded <= remembered_max) add_bytes(s, r, remembered_bytes);
  link(s, r, cmd);
}

/// Prefetches the entries that the next commands go to, as send_linked() does with the actors.
void prefetch_residents(shard_state& s, std::size_t end) {
  constexpr std::size_t slot_ahead = 12, resident_ahead = 6;
  if (s.next + slot_ahead < end) s.by_stream.prefetch_slot(s.batch.commands[s.next + slot_ahead].stream_hash);
  if (s.next + resident_ahead < end) s.by_stream.prefetch_thing(s.batch.commands[s.next + resident_ahead].stream_hash);
}

/// One turn: some of the waiting commands, and all answers to the aggregates.
void take_turn(shard_ptr self) {
  auto& s = self->state;
  if (s.batch.commands.size() == 0) {
    s.inbox->take(s.batch);
    for (auto& [to, what] : s.batch.answers) s.turn->send(to, std::move(what));
    s.batch.answers.clear();
  }
  const auto end = std::min(s.batch.commands.size(), s.next + commands_a_turn_max);
  for (; s.next < end; ++s.next) {
    prefetch_residents(s, end);
    forward(self, s.batch.commands[s.next]);
  }
  send_linked(s);
  if (too_many(s)) passivate_unused(s);
  if (s.next < s.batch.commands.size()) self->send(self, wake::value);
  end_turn(self);
  if (s.next == s.batch.commands.size()) {  // an idle shard holds no texts
    s.batch.commands.clear();
    s.next = 0;
  }
}

void wait_for_sweep(shard_ptr self) {
  self->delayed_send(self, self->state.env->options.aggregate_idle_max / idle_sweeps + std::chrono::milliseconds{1}, sweep::value);
}

}  // namespace

caf::behavior shard(shard_ptr self, const environment& env, const write_ports& ports, shard_inbox* inbox) {
  auto& s = self->state;
  const auto shards = ports.shards.size();
  s.env = &env;
  s.ports = &ports;
  s.inbox = inbox;
  s.turn.emplace(self->system());
  s.resident_max = std::max<std::size_t>(1, env.options.aggregates_resident_max / shards);
  s.bytes_max = env.options.aggregate_bytes_max / shards;
  self->set_down_handler([self](caf::down_msg& down) {
    if (down.reason != caf::exit_reason::user_shutdown) on_down(self, down);
  });
  wait_for_sweep(self);
  return {
      [self](wake) { take_turn(self); },
      [self](const passivate_answer& report) { on_passivate_answer(self, report); },
      [self](const memory_grown& one) {
        auto& s = self->state;
        if (auto* r = s.by_stream.find(store::hash_of_stream(one.stream), one.stream)) add_bytes(s, *r, one.bytes);
      },
      [self](const fence_passed& passed) { on_fence_passed(self, passed); },
      [self](sweep) {
        ++self->state.sweeps;
        if (!too_many(self->state)) self->state.told_pressure = false;
        passivate_idle(self->state);
        end_turn(self);
        wait_for_sweep(self);
      },
  };
}

}  // namespace annals::actors
