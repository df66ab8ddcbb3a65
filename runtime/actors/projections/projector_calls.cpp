// What hosts ask of a projector: queries, and the retry or skip of parked events.
#include "actors/base/longest_wait.hpp"
#include "actors/base/messages.hpp"
#include "actors/follow/failure.hpp"
#include "actors/projections/projector.hpp"
#include "store/log/effect_table.hpp"
#include "store/log/skip_table.hpp"

#include <algorithm>

namespace annals::actors {
namespace {

/// The first parked event of the command that wrote the record at this position; null if none is parked.
const parked_event* parked_of_command_at(const projector_state& s, position at) {
  if (at == 0 || s.cell->parked.empty()) return nullptr;
  position first = at;
  const position these[] = {at};
  (void)s.env->log->read_at(these, [&](const record_view& record) { return first -= record.index, true; });
  for (; first <= at; ++first)
    if (const auto* found = s.cell->parked.find(first)) return found;
  return nullptr;
}

error is_parked(const model_cell& cell, const parked_event& one) {
  return {errc::parked, cell.name + " has parked an event that was asked for",
          "position " + std::to_string(one.at) + " of stream " + one.stream + ": " + one.error, 0, one.at};
}

void answer_now(projector_ptr self, const query& q) {
  const auto& cell = *self->state.cell;
  if (cell.stopped) return reply(self, q.reply, *cell.stopped);
  if (!q.waits && cell.at < cell.ready_at) return reply(self, q.reply, cell.not_ready());
  if (const auto* without = q.waits ? parked_of_command_at(self->state, q.at_least) : nullptr)
    return reply(self, q.reply, is_parked(cell, *without));
  // Only this actor writes the model, so reading it here needs no lock.
  auto bytes = cell.model->answer(q.name, q.body);
  if (!bytes) return reply(self, q.reply, std::move(bytes).error());
  reply(self, q.reply, detail::answered{{0, cell.at, 0, {}}, std::move(*bytes)});
}

/// Writes the first waiting decision to the log's control table. It takes effect only when it is durable.
void keep_skip(projector_ptr self) {
  auto& s = self->state;
  if (s.skipping.empty()) return;
  const auto at = s.skipping.front().at;
  self->send(s.ports->drainer, keep{{store::skip_decision(s.cell->name, at, s.env->now())}, {self}, at});
}

/// The position of an event that is being skipped, which is final, and that a retry of `at` would try as well; 0 if there is none.
position is_skipping(const projector_state& s, position at) {
  const auto* wanted = s.cell->parked.find(at);
  if (!wanted) return 0;
  const bool takes_stream = s.table->on_failure.then == on_failure::park_stream;
  for (const auto& order : s.skipping)
    if (const auto* one = s.cell->parked.find(order.at); one && (one == wanted || (takes_stream && one->stream == wanted->stream))) return order.at;
  return 0;
}

error behind(const model_cell& cell, const query& q, errc code, std::string what) {
  return {code, std::move(what), cell.name + " is at position " + std::to_string(cell.at) + ", asked for " + std::to_string(q.at_least), 0, cell.at};
}

error being_skipped(position at) {
  return {errc::misuse, "an event that would be tried is being skipped", "position " + std::to_string(at), 0, at};
}

}  // namespace

void reply(projector_ptr self, const reply_address& to, detail::outcome answer) {
  self->send((*self->state.ports->recipients)[to.to], query_answer{to.number, std::make_shared<const detail::outcome>(std::move(answer))});
}

detail::outcome at_position(position at) { return detail::answered{{0, at, 0, {}}, {}}; }

void answer_waiting(projector_ptr self) {
  auto& s = self->state;
  std::erase_if(s.waiting, [&](const auto& entry) {
    if (entry.second.at_least > s.cell->at && !s.cell->stopped) return false;
    answer_now(self, entry.second);
    return true;
  });
}

void show_parked(projector_ptr self) {
  auto& s = self->state;
  self->send(s.ports->index_writer, parked_now{s.cell->name, s.cell->parked.list()});
  if (s.notices) s.notices->follow(s.cell->parked);
}

void refuse_waiting(projector_ptr self, position beyond) {
  auto& s = self->state;
  std::erase_if(s.waiting, [&](const auto& entry) {
    if (entry.second.at_least <= beyond) return false;
    reply(self, entry.second.reply, behind(*s.cell, entry.second, errc::closed, "the runtime was closed meanwhile"));
    return true;
  });
}

void take(projector_ptr self, query& q) {
  auto& s = self->state;
  if (!q.waits || q.at_least <= s.cell->at || s.cell->stopped) return answer_now(self, q);
  const auto number = s.next_number++;
  self->delayed_send(self, std::clamp<std::chrono::milliseconds>(q.time_out, std::chrono::milliseconds{0}, longest_wait), give_up{number});
  s.waiting.emplace(number, std::move(q));
  self->send(s.ports->drainer, hurry::value);
  if (s.env->alive.closing) refuse_waiting(self, s.env->log->durable());
}

void take(projector_ptr self, const give_up& late) {
  auto& s = self->state;
  const auto found = s.waiting.find(late.number);
  if (found == s.waiting.end()) return;
  reply(self, found->second.reply, behind(*s.cell, found->second, errc::timed_out, "the model has not reached the token"));
  s.waiting.erase(found);
}

void take(projector_ptr self, const retry_parked& order) {
  auto& s = self->state;
  if (!s.cell->begun) return reply(self, order.reply, s.cell->stopped ? *s.cell->stopped : s.cell->not_ready());
  if (const auto skipping = is_skipping(s, order.at)) return reply(self, order.reply, being_skipped(skipping));
  result<void> done;
  {
    const std::unique_lock lock{s.cell->mutex};
    done = s.following->retry(*s.cell, order.at, s.env->now());
  }
  catch_up_with_decisions(self);
  keep_effects(self);
  show_parked(self);
  if (!done) return reply(self, order.reply, done.error());
  reply(self, order.reply, at_position(order.at));
}

void take(projector_ptr self, const skip_parked& order) {
  auto& s = self->state;
  if (!s.cell->parked.find(order.at)) return reply(self, order.reply, nothing_parked(order.at));
  if (const auto skipping = is_skipping(s, order.at); skipping && s.table->on_failure.then == on_failure::park_stream)
    return reply(self, order.reply, being_skipped(skipping));  // the skip also tries the events after it
  s.skipping.push_back(order);
  if (s.skipping.size() == 1) keep_skip(self);
}

bool is_long(const projector_state& s, position up_to) {
  constexpr position least = 10'000;
  return s.table->partitions > 1 && up_to >= least;
}

void settle_parked(projector_ptr self, fold& following, model_state& of) {
  auto& s = self->state;
  for (const auto& one : of.parked.list())
    if (s.skipped.contains(one.at))
      (void)following.skip(of, one.at, s.env->now());
    else
      (void)following.retry(of, one.at, s.env->now());
}

void keep_effects(projector_ptr self) {
  auto& s = self->state;
  const auto& affected = s.following->affected();
  if (!affected || s.keeping_effects || s.effects_kept == affected) return;
  s.keeping_effects = true;
  s.effects_kept = affected;
  self->send(s.ports->drainer, keep{{store::effects_done(s.cell->name, *affected)}, {self}, effects_tag});
}

void take(projector_ptr self, const kept& decided) {
  auto& s = self->state;
  if (decided.tag == effects_tag) {
    s.keeping_effects = false;
    return keep_effects(self);
  }
  const auto order = s.skipping.front();
  s.skipping.pop_front();
  keep_skip(self);
  if (decided.failed) {
    reply(self, order.reply, *decided.failed);
    return advance(self);
  }
  s.skipped.insert(order.at);
  {
    const std::unique_lock lock{s.cell->mutex};
    (void)s.following->skip(*s.cell, order.at, s.env->now());
  }
  if (s.anew && may_have_applied(*s.anew, order.at)) begin_anew(self, std::move(s.anew->waiting));
  catch_up_with_decisions(self);
  keep_effects(self);
  show_parked(self);
  reply(self, order.reply, at_position(order.at));
  advance(self);
}

}  // namespace annals::actors
