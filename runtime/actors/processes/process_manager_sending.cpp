// Acts on what the parts of a process manager return: sends, pauses, stops.
#include "actors/processes/messages.hpp"
#include "actors/processes/process_manager.hpp"

namespace annals::actors {
namespace {

/// Acts on the consequence of an answer.
void act(process_manager_ptr self, const consequence& what) {
  if (what.pause) self->delayed_send(self, *what.pause, input_again{what.at});
  if (!what.stop) return;
  auto why = *what.stop;
  why.place = what.at;
  stop(self, why);
}

/// Counts the answer to a command, also if the outbox does not wait for it any more.
void count(process_manager_ptr self, const answer& reply) {
  auto& s = self->state;
  if (const auto asked = s.unanswered.take(reply.number))
    s.cell->of_process.answers[asked->category].add(ending_of(reply.refused.get()), self->clock().now() - asked->sent);
}

}  // namespace

void on_answer(process_manager_ptr self, const answer& reply) {
  auto& s = self->state;
  const auto now = s.env->now();
  switch (requests::kind_of(reply.number)) {
    case requests::kind::observation: return act(self, s.inbound->answered(reply, now));
    case requests::kind::attempt: count(self, reply); [[fallthrough]];
    case requests::kind::telling: return act(self, s.outbox->answered(reply, now));
    case requests::kind::timer: return act(self, s.timers->answered(reply, now));
  }
}

namespace {

/// Sends everything that a part has to send.
template <class Part>
bool send_from(process_manager_ptr self, Part& part) {
  const auto now = self->clock().now();
  bool any = false;
  while (auto one = part.next(now)) {
    any = true;
    auto& s = self->state;
    const auto& what = one->what;
    const bool is_command = requests::kind_of(what.reply.number) == requests::kind::attempt;
    if (one->refused) {
      if (is_command) s.cell->of_process.answers[what.type->number].refuse(ending_of(one->refused->refused.get()));
      on_answer(self, *one->refused);
      continue;
    }
    if (is_command) s.unanswered.add(what.reply.number, {what.type->number, now});
    s.ports->commands->send(what);
  }
  return any;
}

}  // namespace

void send_all(process_manager_ptr self) {
  auto& s = self->state;
  while (send_from(self, *s.inbound) || send_from(self, *s.outbox) || send_from(self, *s.timers)) {
  }
  for (const auto& why : s.outbox->take_reports()) s.env->report(s.cell->owner.described(), why);
}

}  // namespace annals::actors
