// An aggregate: one stream's state, and its commands one at a time.
//
//   takes   commands, passivate     from its shard
//           loaded, looked_back     from the loader, through its shard
//           fence_passed            from the journal, through its shard
//   sends   append, fence           to the journal, in the batch of its shard's turn: every answer goes this way, in order
//           load, look_back         to the loader
//           take_snapshot           to the loader, when a fence shows that the version is readable
//           passivate_answer, memory_grown   to its shard
//
//   loading ──▶ ready ──▶ looking_back ──▶ ready      (an id that may be older than the remembered ones)
//      │          └─ evolve threw ─▶ reloading ──▶ loading   (after a fence)
//      └──▶ failed                                    (each command is answered with the reason)
//
// Invariants: the state includes events that are not durable yet, so every answer that depends on it goes through the journal;
// commands keep their order, in the stash too.
#include "actors/write/aggregate.hpp"

#include "actors/base/watched.hpp"
#include "actors/write/decided_records.hpp"
#include "actors/write/messages.hpp"
#include "actors/write/traced_parts.hpp"

namespace annals::actors {
namespace {

using aggregate_ptr = caf::stateful_actor<aggregate_state>*;
using phase = aggregate_state::phase;

void handle_stash(aggregate_ptr self);

return_address back_to(aggregate_ptr self) { return {self, self->state.shard}; }

std::uint64_t send_fence(aggregate_ptr self, bool is_patient = false) {
  auto& s = self->state;
  const auto tag = s.next_tag++;
  s.to_journal->fence(back_to(self), tag, is_patient);
  return tag;
}

void answer_through_journal(aggregate_ptr self, const command& cmd, answer reply) {
  reply.number = cmd.reply.number;
  self->state.to_journal->append({}, 0, cmd.reply.to, std::move(reply));
}

void refuse(aggregate_ptr self, const command& cmd, error why) {
  answer reply;
  reply.version = self->state.self ? self->state.self->version : 0;
  reply.refused = std::make_shared<const error>(std::move(why));
  answer_through_journal(self, cmd, std::move(reply));
}

error another_body(const command& cmd) {
  return {errc::id_reused, "the command id was used before with another body", std::string{cmd.id} + " in stream " + std::string{cmd.stream}};
}

void start_loading(aggregate_ptr self) {
  auto& s = self->state;
  s.now = phase::loading;
  auto fresh = std::make_shared<rehydration>();
  fresh->state = s.type->make();
  self->send(s.ports->loader, load{s.stream, s.type, std::move(fresh), back_to(self)});
}

/// Called after evolve threw. Loading starts after a fence, when all events that are on their way to the log are readable.
void reload(aggregate_ptr self) {
  auto& s = self->state;
  s.now = phase::reloading;
  s.self.reset();
  s.reload_tag = send_fence(self);
}

/// Takes a snapshot of the present state if enough versions have passed since the last one. It is sent when its version is readable.
void take_snapshot_if_due(aggregate_ptr self) {
  auto& s = self->state;
  if (s.next_snapshot == 0 || s.self->version < s.next_snapshot || s.snapshot_tag != 0) return;
  s.next_snapshot = s.self->version + s.type->snapshot_every.value_or(s.env->options.snapshot_every);
  s.snapshot = std::make_unique<take_snapshot>(take_snapshot{s.stream, s.self->version, s.type->shape, s.self->state->saved()});
  s.snapshot_tag = send_fence(self, true);
}

/// Decides, encodes, evolves, and hands the records over. From here on the state is ahead of the log.
void decide(aggregate_ptr self, const command& cmd, std::uint64_t fingerprint) {
  auto& s = self->state;
  thread_local detail::decided made;  // reused to save allocations; empty between commands
  made.clear();
  const auto& options = s.env->options;
  const detail::event_limits limits{options.event_bytes_max, options.command_bytes_max, options.command_events_max};
  context about;
  about.now = s.env->now();
  about.key = std::string_view{s.stream}.substr(s.type->category.size() + 1);
  about.version = s.self->version;
  about.command_id = cmd.id;
  about.causation = cmd.causation;
  about.correlation = cmd.correlation;
  about.principal = cmd.principal;
  if (!cmd.trace.empty()) [[unlikely]]
    about.trace = cmd.traced();
  const auto begun = about.trace.sampled ? s.env->tracing.now() : 0;
  s.self->state->decide({cmd.name, cmd.body, about, limits}, made);
  if (about.trace.sampled) [[unlikely]]
    trace_decision(s, cmd, about.trace, begun, made);

  if (made.refused) {
    const bool broken = made.state_is_broken;
    refuse(self, cmd, std::move(*made.refused));
    if (broken) reload(self);
    return;
  }
  const auto count = static_cast<std::uint32_t>(made.events.size());
  thread_local std::string records;  // reused to save allocations
  put_records(records, cmd, fingerprint, made, s.self->version);
  s.self->version += count;
  s.to_journal->append(records, count, cmd.reply.to, {cmd.reply.number, s.self->version, 0, count, nullptr});
  if (about.trace.sampled && count > 0) [[unlikely]]
    s.to_journal->trace_last(about.trace, s.stream);
  if (count > 0 && !cmd.id.empty()) s.self->recent.remember(cmd.id, fingerprint, s.self->version);
  if (s.bounds_tag == 0 && s.self->recent.wants_fence()) {
    s.bounds_count = s.self->recent.count();
    s.bounds_tag = send_fence(self, true);
  }
  take_snapshot_if_due(self);
}

/// Handles a command whose id is new: checks the expected version, then decides.
void handle_new(aggregate_ptr self, const command& cmd, std::uint64_t fingerprint) {
  auto& s = self->state;
  if (!cmd.expect.holds(s.self->version)) {
    refuse(self, cmd,
           error{errc::conflict, "the stream is not at the expected version",
                 "stream " + s.stream + " is at version " + std::to_string(s.self->version) + ", not " + std::to_string(cmd.expect.wanted()),
                 s.self->version});
    return;
  }
  decide(self, cmd, fingerprint);
}

/// Answers with the first receipt again. Its position is read from the log, after a fence.
void handle_repeat(aggregate_ptr self, const command& cmd, annals::version version) {
  const auto tag = send_fence(self);
  self->state.repeats.emplace(tag, aggregate_state::repeat{owned_command{cmd}, version});
}

void handle(aggregate_ptr self, const command& cmd) {
  auto& s = self->state;
  if (s.now == phase::failed) return refuse(self, cmd, *s.failure);
  const auto fingerprint = cmd.fingerprint();
  if (cmd.id.empty()) return handle_new(self, cmd, fingerprint);
  if (const auto* known = s.self->recent.find(cmd.id)) {
    if (known->fingerprint != fingerprint) return refuse(self, cmd, another_body(cmd));
    return handle_repeat(self, cmd, known->version);
  }
  if (cmd.since >= s.self->recent.forgotten()) return handle_new(self, cmd, fingerprint);
  s.now = phase::looking_back;
  s.looking_tag = send_fence(self);
  s.stash.insert(s.stash.begin(), owned_command{cmd});
}

void handle_stash(aggregate_ptr self) {
  auto& s = self->state;
  std::size_t done = 0;
  auto waiting = std::exchange(s.stash, {});
  while (done < waiting.size() && (s.now == phase::ready || s.now == phase::failed)) handle(self, *waiting[done++]);
  // handle() may have put a command into the stash that waits for a look_back; it stays the first.
  s.stash.insert(s.stash.end(), std::make_move_iterator(waiting.begin() + static_cast<std::ptrdiff_t>(done)), std::make_move_iterator(waiting.end()));
}

/// Searches the stream below the oldest remembered command; the ids from there on are in memory.
void look_for_new(aggregate_ptr self, const command& cmd) {
  auto& s = self->state;
  const auto& recent = s.self->recent;
  const auto first = recent.first_version();
  const auto below = first ? *first - 1 : s.self->version;
  self->send(s.ports->loader, look_back{s.stream, std::string{cmd.id}, 1, below, cmd.since, recent.room(), s.looking_tag, back_to(self)});
}

/// Reads the last record of a remembered command, for its receipt.
void look_for_known(aggregate_ptr self, const command& cmd, annals::version at, std::uint64_t tag) {
  self->send(self->state.ports->loader, look_back{self->state.stream, std::string{cmd.id}, at, at, 0, 0, tag, back_to(self)});
}

/// Tells the shard if the remembered ids take more memory than the shard assumes.
void tell_bytes(aggregate_ptr self) {
  constexpr std::size_t usual = std::size_t{64} << 10;
  auto& s = self->state;
  const auto bytes = s.self->recent.bytes();
  if (bytes < 2 * s.known_bytes + usual) return;
  self->send(s.shard->reader, memory_grown{s.stream, bytes - s.known_bytes});
  s.known_bytes = bytes;
}

/// Some commands that it has received are not handled yet.
bool is_busy(const aggregate_state& s) { return (s.now != phase::ready && s.now != phase::failed) || !s.repeats.empty(); }

void on_fence_passed(aggregate_ptr self, const fence_passed& passed) {
  auto& s = self->state;
  if (passed.tag == s.bounds_tag) {
    s.bounds_tag = 0;
    if (s.self && s.now != phase::looking_back) {  // a look_back under way covers what is below the oldest id in memory now
      s.self->recent.fenced(s.bounds_count, passed.head);
      tell_bytes(self);
    }
  } else if (passed.tag == s.snapshot_tag) {
    s.snapshot_tag = 0;
    self->send(s.ports->loader, std::move(*std::exchange(s.snapshot, nullptr)));
  } else if (passed.tag == s.passivate_tag) {
    s.passivate_tag = 0;
    self->send(s.shard->reader, passivate_answer{s.stream, is_busy(s) ? passivate_answer::busy_now : s.passivate_received});
  } else if (passed.tag == s.reload_tag) {
    s.reload_tag = 0;
    start_loading(self);
  } else if (passed.tag == s.looking_tag) {
    look_for_new(self, *s.stash.front());
  } else if (auto found = s.repeats.find(passed.tag); found != s.repeats.end()) {
    look_for_known(self, *found->second.cmd, found->second.version, passed.tag);
  }
}

/// Answers a command whose id the loader has looked for; false when the id is new.
bool answer_found(aggregate_ptr self, const command& cmd, const looked_back& found) {
  if (found.failed)
    refuse(self, cmd, *found.failed);
  else if (!found.found)
    return false;
  else if (found.fingerprint != cmd.fingerprint())
    refuse(self, cmd, another_body(cmd));
  else
    answer_through_journal(self, cmd, found.first);
  return true;
}

void on_looked_back(aggregate_ptr self, const looked_back& found) {
  auto& s = self->state;
  if (auto waiting = s.repeats.find(found.tag); waiting != s.repeats.end()) {
    const auto repeat = std::move(waiting->second);
    s.repeats.erase(waiting);
    if (!answer_found(self, *repeat.cmd, found))
      refuse(self, *repeat.cmd,
             error{errc::corrupt_record, "a remembered command is not in its stream", std::string{repeat.cmd->id} + " in " + s.stream});
    return;
  }
  if (found.tag != s.looking_tag || s.now != phase::looking_back) return;
  s.looking_tag = 0;
  if (!found.failed) s.self->recent.extend(found.ids, found.covered);
  tell_bytes(self);
  const auto cmd = std::move(s.stash.front());
  s.stash.erase(s.stash.begin());
  s.now = phase::ready;
  if (!answer_found(self, *cmd, found)) handle_new(self, *cmd, cmd->fingerprint());
  handle_stash(self);
}

void on_loaded(aggregate_ptr self, loaded& done) {
  auto& s = self->state;
  trace_load(s, *done.into, done.failed != nullptr);
  if (done.failed) {
    s.failure = std::make_shared<const error>(
        error{errc::load_failed, std::string{to_string(done.failed->code)} + ": " + done.failed->reason, done.failed->detail, 0, done.failed->place});
    s.now = phase::failed;
    s.env->report("aggregate " + s.stream, *s.failure);
  } else {
    s.self = std::move(done.into);
    const auto every = s.type->snapshot_every.value_or(s.env->options.snapshot_every);
    s.next_snapshot = s.type->has_snapshots() && every > 0 ? s.self->snapshot + every : 0;
    s.self->recent.fenced(s.self->recent.count(), s.env->alive.readable);
    s.now = phase::ready;
  }
  handle_stash(self);
}

}  // namespace

caf::behavior aggregate(aggregate_ptr self, const environment& env, const write_ports& ports, shard_inbox* shard, handed_batch* to_journal,
                        const detail::aggregate_table* type, std::string stream) {
  self->set_exception_handler(death_by);
  auto& s = self->state;
  s.env = &env;
  s.ports = &ports;
  s.shard = shard;
  s.to_journal = to_journal;
  s.type = type;
  s.stream = std::move(stream);
  start_loading(self);
  return {
      [self](commands list) {
        auto& s = self->state;
        for (const auto* cmd = list.first; cmd; cmd = cmd->next) {
          ++s.received;
          if (s.now == phase::ready || s.now == phase::failed)
            handle(self, *cmd);
          else
            s.stash.emplace_back(*cmd);
        }
      },
      [self](const fence_passed& passed) { on_fence_passed(self, passed); },
      [self](const looked_back& found) { on_looked_back(self, found); },
      [self](loaded& done) { on_loaded(self, done); },
      [self](passivate) {
        auto& s = self->state;
        // Commands that are not handled yet would be appended after the fence.
        if (is_busy(s)) return self->send(s.shard->reader, passivate_answer{s.stream, passivate_answer::busy_now});
        s.passivate_received = s.received;
        s.passivate_tag = send_fence(self, true);
      },
  };
}

}  // namespace annals::actors
