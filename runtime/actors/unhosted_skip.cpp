// Skips a parked event of a projection or process manager that is not hosted here, so that nobody tries it again before. Starts
// at once and ends with its answer.
//
//   takes   kept           from the drainer: the decision is durable
//   sends   keep           to the drainer
//           parked_now     to the index writer
//           query_answer   to the gateway
#include "actors/unhosted_skip.hpp"

#include "actors/decisions.hpp"

namespace annals::actors {
namespace {

using self_ptr = caf::stateful_actor<unhosted_skip_state>*;

void end(self_ptr self, const kept& decided) {
  auto& s = self->state;
  if (!decided.failed) self->send(s.env->index_writer, std::move(s.left));
  auto how = decided.failed ? detail::outcome{*decided.failed} : detail::answered{{0, s.at, 0, {}}, {}};
  self->send(s.env->recipients[s.to.to], query_answer{s.to.number, std::make_shared<const detail::outcome>(std::move(how))});
  self->quit(caf::exit_reason::normal);
}

}  // namespace

caf::behavior unhosted_skip(self_ptr self, const environment& env, parked_now left, position at, reply_address to) {
  self->state = {&env, std::move(left), at, to};
  self->send(env.drainer, keep{{skip_decision(self->state.left.name, at, env.now())}, {self}, at});
  return {[self](const kept& decided) { end(self, decided); }};
}

}  // namespace annals::actors
