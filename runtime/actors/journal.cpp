// The journal: the one writer of the log.
//
//   takes   wake                     from its inbox, when appends and fences wait there
//           try_again                from itself
//           drained                  from the drainer: there is room again, or no space
//           grown                    from the event bus, while fences wait for the readable head
//           stop_now                 from the engine, when it closes
//   sends   answers                  to whoever waits for them, once what they rest on is durable
//           fence_passed             once all before the fence is readable
//           journal_stopped          to the gateway, when the log failed
//           wake, hurry              to the drainer: there is something to take to readers; a fence waits for it
//
//   idle ── wake ──▶ take all that waits ──▶ commit ──▶ answers ──▶ idle
//                                             │ no space, or the log is busy: held, tried again
//                                             └ failed: stopped
//
// Invariants: positions are given here and nowhere else, in the order of arrival; an answer leaves after the commit
// of everything that came in before it; what came in is never refused, except `not_written` when closing while held.
#include "actors/journal.hpp"

#include "store/record.hpp"

#include <algorithm>

namespace annals::actors {
namespace {

using self_ptr = caf::stateful_actor<journal_state>*;

constexpr std::chrono::milliseconds first_pause{20};
constexpr std::chrono::milliseconds longest_pause{1000};

/// The answers of one batch, by who waits for them: few, so a list is enough.
class outbox {
public:
  void add(const caf::actor& to, answer reply) {
    auto found = std::find_if(boxes_.begin(), boxes_.end(), [&](const auto& b) { return b.first == to; });
    if (found == boxes_.end()) found = boxes_.insert(boxes_.end(), {to, {}});
    found->second.list.push_back(std::move(reply));
  }

  void send(self_ptr self) {
    for (auto& [to, list] : boxes_) self->send(to, std::move(list));
    boxes_.clear();
  }

private:
  std::vector<std::pair<caf::actor, answers>> boxes_;
};

/// The part of what waits that one commit takes: whole commands, within the caps.
struct batch {
  std::size_t begin;
  std::size_t end;
  std::vector<std::string_view> records;
};

batch next_batch(journal_state& s) {
  const auto& options = s.env->options;
  batch b{s.done, s.done, {}};
  s.last_time = std::max(s.last_time, s.env->now());
  std::size_t bytes = 0;
  for (; b.end < s.waiting.size(); ++b.end) {
    const auto& [what, records] = s.waiting[b.end];
    const bool full =
        b.records.size() + what.count > options.batch_records_max || bytes + what.bytes > options.batch_bytes_max;
    if (full && !b.records.empty()) break;
    for (std::size_t at = 0; at < what.bytes;) {
      const auto size = store::record_bytes({records + at, what.bytes - at});
      store::seal_record(records + at, size, s.head + b.records.size() + 1, s.last_time);
      b.records.emplace_back(records + at, size);
      at += size;
    }
    bytes += what.bytes;
  }
  return b;
}

void pass_fence(self_ptr self, const handed_over& barrier) {
  auto& s = self->state;
  const auto readable = s.env->log->readable();
  if (readable >= s.head) {
    self->send(barrier.reply_to, fence_passed{barrier.reply.number, readable});
    return;
  }
  if (s.held_fences.empty()) self->send(s.env->event_bus, after{self, s.head - 1});
  s.held_fences.emplace_back(s.head, barrier);
  self->send(s.env->drainer, hurry::value);
}

void release_fences(self_ptr self, position readable) {
  auto& s = self->state;
  std::vector<std::pair<position, handed_over>> still;
  for (auto& [at, barrier] : s.held_fences) {
    if (readable >= at)
      self->send(barrier.reply_to, fence_passed{barrier.reply.number, readable});
    else
      still.emplace_back(at, std::move(barrier));
  }
  s.held_fences = std::move(still);
  if (!s.held_fences.empty()) self->send(s.env->event_bus, after{self, s.held_fences.front().first - 1});
}

/// All of the batch is durable: answers and fences leave, in order.
void answer_batch(self_ptr self, const batch& b) {
  auto& s = self->state;
  outbox out;
  for (auto i = b.begin; i < b.end; ++i) {
    auto& item = s.waiting[i].what;
    if (item.what == handed_over::kind::fence) {
      pass_fence(self, item);
      continue;
    }
    s.head += item.count;
    if (item.reply.at == 0) item.reply.at = s.head;
    if (item.reply_to) out.add(item.reply_to, std::move(item.reply));
  }
  out.send(self);
  s.done = b.end;
}

void hold(self_ptr self, const std::string& why) {
  auto& s = self->state;
  if (!s.full) s.env->report("journal", error{errc::storage_full, "no space for the log", why});
  s.held = s.full = true;
  s.env->alive.storage_full = true;
  s.pause = std::clamp(s.pause * 2, first_pause, longest_pause);
  self->delayed_send(self, s.pause, try_again::value);
}

void wait_for_room(self_ptr self) {
  self->state.held = true;
  self->send(self->state.env->drainer, hurry::value);
}

void stop(self_ptr self, const std::string& why) {
  auto& s = self->state;
  error stopped{errc::store_failed, "the log failed", why};
  s.env->report("journal", stopped);
  self->send(s.env->gateway, journal_stopped{stopped});
  self->quit(caf::exit_reason::user_shutdown);
}

void commit_waiting(self_ptr self) {
  auto& s = self->state;
  while (s.done < s.waiting.size()) {
    const auto b = next_batch(s);
    if (!b.records.empty()) {
      const auto outcome = s.env->log->commit(s.head + 1, b.records);
      if (outcome.status == store::commit_status::no_space) return hold(self, outcome.detail);
      if (outcome.status == store::commit_status::failed) return stop(self, outcome.detail);
      if (outcome.status == store::commit_status::busy) return wait_for_room(self);
      ++s.env->alive.commits;
    }
    answer_batch(self, b);
  }
  if (s.env->log->readable() < s.head) self->send(s.env->drainer, wake::value);
  s.waiting.clear();
  s.done = 0;
  if (!s.buffers.empty()) {  // the memory of one is used again
    s.taken.records = std::move(*s.buffers.front());
    s.taken.records.clear();
    s.buffers.clear();
  }
  s.held = false;
  if (std::exchange(s.full, false)) s.env->alive.storage_full = false;
  s.pause = std::chrono::milliseconds{0};
}

/// What is in the inbox waits from here on.
void take_inbox(self_ptr self) {
  auto& s = self->state;
  s.env->journal.take(s.taken);
  char* records = s.buffers.emplace_back(std::make_unique<std::string>(std::move(s.taken.records)))->data();
  for (auto& what : s.taken.items) {
    const auto bytes = what.bytes;
    s.waiting.push_back({std::move(what), records});
    records += bytes;
  }
  s.taken.items.clear();
}

/// Closing, once nothing waits, or without space for it. What is held is then certainly not in the log: a clean abort
/// was its last outcome.
void close(self_ptr self) {
  auto& s = self->state;
  if (s.held && !s.env->alive.storage_full) return;  // for room, which the drainer makes
  if (s.held) {
    outbox out;
    const auto not_written = std::make_shared<const error>(
        error{errc::not_written, "closed while there was no space for the log", "certainly without effect"});
    for (auto i = s.done; i < s.waiting.size(); ++i) {
      auto& item = s.waiting[i].what;
      if (item.what == handed_over::kind::fence || !item.reply_to) continue;
      item.reply.refused = not_written;
      out.add(item.reply_to, std::move(item.reply));
    }
    out.send(self);
  }
  self->quit(caf::exit_reason::user_shutdown);
}

}  // namespace

caf::behavior journal(self_ptr self, const environment& env) {
  auto& s = self->state;
  s.env = &env;
  s.head = env.log->durable();
  s.last_time = env.log->last_time();
  return {
      [self](wake) {
        take_inbox(self);
        if (!self->state.held) commit_waiting(self);
      },
      [self](try_again) {
        if (self->state.held) commit_waiting(self);
      },
      [self](drained) {
        auto& s = self->state;
        if (s.held && !s.full) commit_waiting(self);
        if (s.closing) close(self);
      },
      [self](const grown& g) { release_fences(self, g.head); },
      [self](stop_now) {
        auto& s = self->state;
        s.closing = true;
        take_inbox(self);
        if (!s.held) commit_waiting(self);
        close(self);
      },
  };
}

}  // namespace annals::actors
