// A projector: keeps one read model.
//
//   takes   grown           from the event bus
//           go_on           from itself, while there is more to read
//           query           from hosts
//           give_up         from itself, when a query has waited for its token long enough
//   sends   after           to the event bus, when it has reached the head
//           query_answer    to whoever asked
//           hurry           to the drainer, when a query waits
//
// Invariants: catching up and live are one path; the position moves with the model, under one lock; a record is
// applied once; the first one that cannot be applied stops the projector, and queries answer why.
#include "actors/projector.hpp"

namespace annals::actors {
namespace {

using self_ptr = caf::stateful_actor<projector_state>*;

void reply(self_ptr self, const reply_address& to, detail::outcome answer) {
  self->send(self->state.env->recipients[to.to], query_answer{to.number, std::make_shared<const detail::outcome>(std::move(answer))});
}

void answer_now(self_ptr self, const query& q) {
  const auto& cell = *self->state.cell;
  if (cell.stopped) return reply(self, q.reply, *cell.stopped);
  // Only this actor writes the model: no lock is needed to read it here.
  auto bytes = cell.model->answer(q.name, q.body);
  if (!bytes) return reply(self, q.reply, std::move(bytes).error());
  reply(self, q.reply, detail::answered{{0, cell.at, 0, {}}, std::move(*bytes)});
}

void answer_waiting(self_ptr self) {
  auto& s = self->state;
  std::erase_if(s.waiting, [&](const auto& entry) {
    if (entry.second.at_least > s.cell->at && !s.cell->stopped) return false;
    answer_now(self, entry.second);
    return true;
  });
}

/// Applies one batch. The lock is for direct reads, which are kept out meanwhile.
void apply_batch(self_ptr self) {
  auto& s = self->state;
  auto& cell = *s.cell;
  std::unique_lock lock{cell.mutex};
  store::read_limits limits;
  limits.records_max = s.env->options.projection_batch_records;
  auto read = s.env->log->read(cell.at + 1, limits, [&](const record_view& record) {
    if (auto ok = cell.model->apply(record); !ok) {
      cell.stopped = error{errc::projection_failed, cell.name + " stopped at position " + std::to_string(record.at),
                           ok.error().message(), 0, record.at};
      return false;
    }
    cell.at = record.at;
    return true;
  });
  if (!read && !cell.stopped) cell.stopped = std::move(read).error();
  lock.unlock();
  cell.moved.notify_all();
  if (cell.stopped) s.env->report("projection " + cell.name, *cell.stopped);
}

void advance(self_ptr self) {
  auto& s = self->state;
  if (s.cell->stopped) return;
  apply_batch(self);
  answer_waiting(self);
  if (s.cell->stopped) return;
  if (s.cell->at < s.env->log->readable())
    self->send(self, go_on::value);
  else
    self->send(s.env->event_bus, after{self, s.cell->at});
}

void take(self_ptr self, query& q) {
  auto& s = self->state;
  if (q.at_least <= s.cell->at || s.cell->stopped) return answer_now(self, q);
  const auto number = s.next_number++;
  self->delayed_send(self, q.time_out, give_up{number});
  s.waiting.emplace(number, std::move(q));
  self->send(s.env->drainer, hurry::value);
}

void take(self_ptr self, const give_up& late) {
  auto& s = self->state;
  const auto found = s.waiting.find(late.number);
  if (found == s.waiting.end()) return;
  reply(self, found->second.reply,
        error{errc::timed_out, "the model has not reached the token",
              s.cell->name + " is at position " + std::to_string(s.cell->at) + ", asked for " +
                  std::to_string(found->second.at_least),
              0, s.cell->at});
  s.waiting.erase(found);
}

}  // namespace

caf::behavior projector(self_ptr self, const environment& env, std::shared_ptr<model_cell> cell) {
  auto& s = self->state;
  s.env = &env;
  s.cell = std::move(cell);
  self->send(env.event_bus, after{self, s.cell->at});
  return {
      [self](const grown&) { advance(self); },
      [self](go_on) { advance(self); },
      [self](query& q) { take(self, q); },
      [self](const give_up& late) { take(self, late); },
  };
}

}  // namespace annals::actors
