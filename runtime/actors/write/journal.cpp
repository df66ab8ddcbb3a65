// The journal: the one writer of the log.
//
//   takes   wake                     from its inbox, when appends and fences wait there
//           try_again                from itself, after a pause
//           drained                  from the drainer: there is room again, or no space, or the log failed
//           grown                    from the event bus, while fences wait for the readable head
//           stop_now                 from the engine, when it closes
//   sends   answers                  to the gateway and process managers, when everything that they depend on is durable
//           fence_passed             to the sender of a fence, when everything before the fence is readable
//           grown                    to the commit bus, after a commit
//           journal_stopped          to the gateway, when the log failed
//           wake, hurry, make_room   to the drainer: records wait to become readable; a fence waits for that; the front is full, and
//                                    the journal waits for `drained`
//
//   idle ── wake ──▶ wait a moment for company ──▶ take all that waits ──▶ commit ──▶ answers ──▶ idle
//                                                                           │ no space, or the front is full: held
//                                                                           └ failed: stopped
//
// Invariants: only the journal assigns positions, in the order of arrival; an answer leaves after the commit of everything that
// arrived before it; what has arrived is never refused, except with `not_written` when closing while held.
#include "actors/write/journal.hpp"

#include "actors/follow/messages.hpp"
#include "actors/upkeep/messages.hpp"
#include "actors/write/messages.hpp"
#include "actors/write/traced_parts.hpp"
#include "store/log/record.hpp"

#include <spdlog/logger.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace annals::actors {
namespace {

using journal_ptr = caf::stateful_actor<journal_state>*;

constexpr std::chrono::milliseconds first_pause{20};
constexpr std::chrono::milliseconds longest_pause{1000};
constexpr timestamp ahead_max = 1'000'000;

/// The end of what one commit takes of `waiting`: whole commands, within the limits of a batch. Its records are in `journal_state`.
struct batch {
  std::size_t end_batch;  // the three as `at_batch`, `at_item` and `at_byte` in journal_state
  std::size_t end_item;
  std::size_t end_byte;
};

/// Seals the item's records (position, time, checksum) and adds them to the commit.
void seal(journal_state& s, char* records, const handed_over& item) {
  for (std::size_t at = 0; at < item.bytes;) {
    const auto size = store::record_bytes({records + at, item.bytes - at});
    store::seal_record(records + at, size, s.head + s.records.size() + 1, s.last_time);
    s.records.emplace_back(records + at, size);
    at += size;
  }
}

/// The time of the clock; logs a warning when the clock was set. Times of records never decrease: if the last record is ahead of the
/// clock, the next ones get the same time until the clock has caught up.
timestamp time_now(journal_state& s) {
  const auto now = s.env->now();
  if (const auto by = s.clock.follow(now, s.env->steady()))
    s.env->logger->warn("the clock has been set {} by {:.1f} s", *by > 0 ? "forward" : "back", std::abs(static_cast<double>(*by)) / 1e6);
  const bool is_ahead = s.last_time > added(now, ahead_max);
  if (is_ahead && !std::exchange(s.was_ahead, true))
    s.env->logger->warn("the last record is {:.1f} s ahead of the clock: new records get its time until the clock has caught up",
                        static_cast<double>(added(s.last_time, -now)) / 1e6);
  s.was_ahead = is_ahead;
  return now;
}

batch next_batch(journal_state& s) {
  const auto& options = s.env->options;
  batch b{s.at_batch, s.at_item, s.at_byte};
  s.records.clear();
  s.traced.reset();
  s.last_time = std::max(s.last_time, time_now(s));
  std::size_t bytes = 0;
  for (; b.end_batch < s.waiting.size(); ++b.end_batch, b.end_item = b.end_byte = 0) {
    auto& from = s.waiting[b.end_batch];
    if (!from.traced.empty()) [[unlikely]]
      s.traced.emplace();
    for (; b.end_item < from.items.size(); ++b.end_item) {
      const auto& item = from.items[b.end_item];
      const bool full = s.records.size() + item.count > options.batch_records_max || bytes + item.bytes > options.batch_bytes_max;
      if (full && !s.records.empty()) return b;
      seal(s, from.records.data() + b.end_byte, item);
      s.record_bytes = bytes += item.bytes;
      b.end_byte += item.bytes;
    }
  }
  return b;
}

/// Whether there are few answers, all to hosts: the gateway handles these in this thread.
bool may_answer_inline(const journal_state& s) {
  std::size_t all = 0;
  for (const auto& batch : s.outgoing) all += batch.list.size();
  return all > 0 && all <= inline_answers_max && s.outgoing[gateway_recipient].list.size() == all;
}

void send_answers(journal_ptr self) {
  auto& s = self->state;
  if (may_answer_inline(s)) {
    s.turn->send(s.ports->gateway, std::exchange(s.outgoing[gateway_recipient], {}));
    s.turn->run_ready(self->context(), 1);
    return;
  }
  for (std::size_t to = 0; to < s.outgoing.size(); ++to)
    if (!s.outgoing[to].list.empty()) self->send((*s.ports->recipients)[to], std::exchange(s.outgoing[to], {}));
}

void add_answer(journal_state& s, recipient to, answer reply) {
  if (s.outgoing.size() <= to) s.outgoing.resize(to + 1);
  s.outgoing[to].list.push_back(std::move(reply));
}

void pass_fence(journal_ptr self, const handed_over& barrier) {
  auto& s = self->state;
  const auto readable = s.env->log->readable();
  if (readable >= s.head) {
    barrier.fence_to.give(fence_passed{barrier.reply.number, readable});
    return;
  }
  if (s.held_fences.empty()) self->send(s.ports->event_bus, after{self, s.head - 1});
  s.held_fences.emplace_back(s.head, barrier);
  if (!barrier.is_patient) self->send(s.ports->drainer, hurry::value);
}

void release_fences(journal_ptr self, position readable) {
  auto& s = self->state;
  std::vector<std::pair<position, handed_over>> still;
  for (auto& [at, barrier] : s.held_fences) {
    if (readable >= at)
      barrier.fence_to.give(fence_passed{barrier.reply.number, readable});
    else
      still.emplace_back(at, std::move(barrier));
  }
  s.held_fences = std::move(still);
  if (!s.held_fences.empty()) self->send(s.ports->event_bus, after{self, s.held_fences.front().first - 1});
}

/// Calls `with` for each item up to the end of the batch, and moves the journal's place there.
template <class With>
void take_items(journal_state& s, const batch& b, With&& with) {
  while (s.at_batch < b.end_batch || s.at_item < b.end_item) {
    auto& items = s.waiting[s.at_batch].items;
    if (s.at_item < items.size())
      with(items[s.at_item++]);
    else {
      ++s.at_batch;
      s.at_item = 0;
    }
  }
  s.at_byte = b.end_byte;
}

/// Call when all of the batch is durable: sends its answers and handles its fences, in order.
void answer_batch(journal_ptr self, const batch& b) {
  auto& s = self->state;
  take_items(s, b, [&](handed_over& item) {
    if (item.what == handed_over::kind::fence) return pass_fence(self, item);
    s.head += item.count;
    if (item.reply.at == 0) item.reply.at = s.head;
    if (s.traced) [[unlikely]]
      trace_commit(s, s.waiting[s.at_batch], item);
    add_answer(s, item.to, std::move(item.reply));
  });
  send_answers(self);
}

void hold(journal_ptr self, const std::string& why) {
  auto& s = self->state;
  if (!s.full) s.env->report("journal", error{errc::storage_full, "no space for the log", why});
  s.held = s.full = true;
  s.env->alive.journal_full = true;
  s.pause = std::clamp(s.pause * 2, first_pause, longest_pause);
  self->delayed_send(self, s.pause, try_again::value);
}

/// The front is full. The drainer makes room and sends `drained`, also when it has no space itself.
void wait_for_room(journal_ptr self) {
  auto& s = self->state;
  s.held = true;
  if (std::exchange(s.full, false)) s.env->alive.journal_full = false;
  self->send(self->state.ports->drainer, make_room::value);
}

void stop(journal_ptr self, const std::string& why) {
  auto& s = self->state;
  error stopped{errc::store_failed, "the log failed", why};
  s.env->report("journal", stopped);
  s.ports->journal.close();  // nothing takes what arrives from now on
  self->send(s.ports->gateway, journal_stopped{stopped});
  self->quit(caf::exit_reason::user_shutdown);
}

store::commit_outcome commit(journal_state& s) {
  if (s.traced) s.traced->begin = s.env->tracing.now();
  const telemetry::stopwatch watch;
  auto outcome = s.env->log->commit(s.head + 1, s.records);
  const auto took = watch.elapsed();
  s.commit_time = (7 * s.commit_time + took) / 8;
  if (outcome.status != store::commit_status::committed) return outcome;
  if (s.traced) s.traced->end = s.env->tracing.now();
  auto& meters = s.env->meters.log;
  meters.commit_duration.add(took);
  meters.commit_records.add(s.records.size());
  meters.records.add(s.records.size());
  meters.bytes.add(s.record_bytes);
  meters.last_time.set(static_cast<std::uint64_t>(s.last_time));
  return outcome;
}

void commit_waiting(journal_ptr self) {
  auto& s = self->state;
  while (s.at_batch < s.waiting.size()) {
    const auto b = next_batch(s);
    if (!s.records.empty()) {
      const auto outcome = commit(s);
      if (outcome.status == store::commit_status::no_space) return hold(self, outcome.detail);
      if (outcome.status == store::commit_status::failed) return stop(self, outcome.detail);
      if (outcome.status == store::commit_status::busy) return wait_for_room(self);
      ++s.env->alive.commits;
    }
    const auto before = s.head;
    answer_batch(self, b);
    if (s.head == before) continue;
    if (s.ports->commit_bus) self->send(s.ports->commit_bus, grown{s.head});
    s.env->news.changed();
  }
  if (s.env->log->readable() < s.head && !s.env->alive.drainer_knows.exchange(true)) self->send(s.ports->drainer, wake::value);
  s.ports->journal.give_back(s.waiting);
  s.at_batch = s.at_item = s.at_byte = 0;
  s.held = false;
  if (std::exchange(s.full, false)) {
    s.env->alive.journal_full = false;
    s.env->logger->info("the log has space again");
  }
  s.pause = std::chrono::milliseconds{0};
}

/// Commands on their way here, and those that callers send when they get their answers, are to share this commit: otherwise they would
/// wait until it ends. Waits at most 1 ms, and only while commands arrive within half the time of an average commit.
void wait_for_company(journal_state& s) {
  constexpr std::chrono::milliseconds longest{1};
  if (!s.env->own_threads) return;
  s.ports->journal.wait_for_company(std::min<std::chrono::nanoseconds>(s.commit_time / 2, longest), longest);
}

/// Ends the journal when nothing is held, or when there is no space for what is held. That is certainly not in the log: its last commit
/// was a clean abort.
void close(journal_ptr self) {
  auto& s = self->state;
  // Held only because the front is full: the drainer, which still runs, makes room first.
  if (s.held && !s.full && !s.env->alive.drainer_full && !s.env->news.ended()) return;
  if (s.held) {
    const auto not_written =
        std::make_shared<const error>(error{errc::not_written, "the runtime was closed while the log had no space", "nothing was written"});
    take_items(s, {s.waiting.size(), 0, 0}, [&](handed_over& item) {
      if (item.what == handed_over::kind::fence) return;
      item.reply.refused = not_written;
      add_answer(s, item.to, std::move(item.reply));
    });
    send_answers(self);
  }
  self->quit(caf::exit_reason::user_shutdown);
}

}  // namespace

caf::behavior journal(journal_ptr self, const environment& env, const write_ports& ports) {
  auto& s = self->state;
  s.env = &env;
  s.ports = &ports;
  s.turn.emplace(self->system());
  s.head = env.log->durable();
  s.last_time = env.log->last_time();
  env.meters.log.last_time.set(static_cast<std::uint64_t>(s.last_time));
  return {
      [self](wake) {
        auto& s = self->state;
        if (!s.held) wait_for_company(s);
        s.ports->journal.take(s.waiting);
        if (!s.held) commit_waiting(self);
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
        s.ports->journal.take(s.waiting);
        if (!s.held) commit_waiting(self);
        close(self);
      },
  };
}

}  // namespace annals::actors
