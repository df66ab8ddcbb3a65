// What hosts ask of a projector: queries, and the retry or skip of parked events.
#include "actors/base/longest_wait.hpp"
#include "actors/base/messages.hpp"
#include "actors/dead_letters/errors.hpp"
#include "actors/projections/projector.hpp"
#include "store/log/skip_table.hpp"

#include <algorithm>
#include <utility>

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

error is_parked(const follower_cell& cell, const parked_event& one) {
  return {errc::parked, cell.name + " has parked an event of the command",
          "position " + std::to_string(one.at) + " of stream " + one.stream + ": " + one.error, 0, one.at};
}

detail::outcome answer_to(const projector_state& s, const query& q) {
  const auto& cell = *s.cell;
  if (cell.stopped) return *cell.stopped;
  if (!q.waits && cell.at < cell.ready_at) return cell.not_ready();
  if (const auto* without = q.waits ? parked_of_command_at(s, q.at_least) : nullptr) return is_parked(cell, *without);
  // Only this actor writes the model, so reading it here needs no lock.
  auto bytes = cell.model->answer(q.name, q.body);
  if (!bytes) return std::move(bytes).error();
  return detail::answered{{0, cell.at, 0, {}}, std::move(*bytes)};
}

error not_reached(const follower_cell& cell, const query& q, errc code, std::string what) {
  return {code, std::move(what), cell.name + " is at position " + std::to_string(cell.at) + ", asked for " + std::to_string(q.at_least), 0, cell.at};
}

bool is_by_stream(const projector_state& s) { return s.table->on_failure.then == on_failure::park_stream; }

/// An event that is being skipped and that a retry of this parked event would try; 0 if there is none. The skip of one of several events
/// of a stream also tries those after it.
position skipped_with(const projector_state& s, const parked_event& one) {
  if (is_by_stream(s)) return s.skips.in_lane(one.stream);
  return s.skips.contains(one.at) ? one.at : 0;
}

void write_skip(projector_ptr self) {
  auto& s = self->state;
  const auto at = s.skips.next();
  if (at == 0) return;
  s.skips.begin();
  self->send(s.ports->drainer, write_control{{store::skip_decision(s.cell->owner.stored(), at, s.env->now())}, {self}, at});
}

/// Parked events have been tried or removed.
void show_change(projector_ptr self) {
  auto& s = self->state;
  if (s.rebuilding) s.rebuilding->follow_decisions(*s.cell, s.skipped);
  write_effects(self);
  show_parked(self);
}

}  // namespace

void answer_queries(projector_ptr self) {
  auto& s = self->state;
  for (const auto& q : s.queries.take_up_to(s.cell->stopped ? ~position{0} : s.cell->at)) s.ports->answer(q.reply, answer_to(s, q));
}

void refuse_queries(projector_ptr self, position beyond) {
  auto& s = self->state;
  for (const auto& q : s.queries.take_beyond(beyond))
    s.ports->answer(q.reply, not_reached(*s.cell, q, errc::closed, "the runtime was closed meanwhile"));
}

void on_query(projector_ptr self, query& q) {
  auto& s = self->state;
  if (!q.waits || q.at_least <= s.cell->at || s.cell->stopped) return s.ports->answer(q.reply, answer_to(s, q));
  const auto patience = std::clamp<std::chrono::milliseconds>(q.time_out, std::chrono::milliseconds{0}, longest_wait);
  self->delayed_send(self, patience, give_up{s.queries.add(std::move(q))});
  self->send(s.ports->drainer, hurry::value);
  if (s.env->alive.closing) refuse_queries(self, s.env->log->durable());
}

void on_give_up(projector_ptr self, const give_up& late) {
  auto& s = self->state;
  if (const auto q = s.queries.take(late.number))
    s.ports->answer(q->reply, not_reached(*s.cell, *q, errc::timed_out, "the model has not reached the token"));
}

void on_retry_parked(projector_ptr self, const retry_parked& order) {
  auto& s = self->state;
  if (s.now != projector_state::phase::live) return s.ports->answer(order.reply, s.cell->stopped ? *s.cell->stopped : s.cell->not_ready());
  const auto* one = s.cell->parked.find(order.at);
  if (const auto skipped = one ? skipped_with(s, *one) : 0) return s.ports->answer(order.reply, being_skipped(skipped));
  result<void> done;
  {
    const cell_change change{*s.cell};
    done = s.log_fold->retry(*s.cell, order.at, s.env->now());
  }
  show_change(self);
  s.ports->answer_all({order.reply}, done ? result<position>{order.at} : done.error());
}

void on_skip_parked(projector_ptr self, const skip_parked& order) {
  auto& s = self->state;
  const auto* one = s.cell->parked.find(order.at);
  if (!one) return s.ports->answer(order.reply, nothing_parked(order.at));
  if (const auto other = skipped_with(s, *one); other != 0 && other != order.at) return s.ports->answer(order.reply, being_skipped(other));
  s.skips.add(order.at, one->stream, order.reply);
  write_skip(self);
}

void on_skip_written(projector_ptr self, const control_written& decided) {
  auto& s = self->state;
  const auto skip = s.skips.written();
  write_skip(self);
  if (decided.failed) {
    s.ports->answer_all(skip.callers, *decided.failed);
    return advance(self);
  }
  s.skipped.insert(skip.at);
  {
    const cell_change change{*s.cell};
    (void)s.log_fold->skip(*s.cell, skip.at, s.env->now());
  }
  if (s.rebuilding && s.rebuilding->may_have_applied(skip.at)) begin_rebuild(self, std::move(s.rebuilding->waiting));
  show_change(self);
  s.ports->answer_all(skip.callers, skip.at);
  advance(self);
}

}  // namespace annals::actors
