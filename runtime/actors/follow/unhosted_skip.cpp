// Skips a parked event of a projection or process manager that is not hosted here, so the event need not be tried again first. Lives
// from the call until it has answered.
//
//   takes   kept           from the drainer: the decision is durable, or why not
//   sends   keep           to the drainer
//           parked_now     to the index writer
//           query_answer   to the gateway
#include "actors/follow/unhosted_skip.hpp"

#include "actors/follow/messages.hpp"
#include "actors/upkeep/messages.hpp"
#include "store/log/skip_table.hpp"

namespace annals::actors {
namespace {

using self_ptr = caf::stateful_actor<unhosted_skip_state>*;

/// The events that stay parked. Earlier skips are read from the control table, because the index may not have them yet.
result<parked_now> left(const environment& env, const std::string& who) {
  auto skipped = store::skipped_before(*env.log, who);
  if (!skipped) return std::move(skipped).error();
  parked_now all{who, {}};
  auto read = env.derived->parked([&](std::string_view of, const parked_event& one) {
    if (of == who && !skipped->contains(one.at)) all.events.push_back(one);
    return true;
  });
  if (!read) return std::move(read).error();
  return all;
}

void end(self_ptr self, const kept& decided) {
  auto& s = self->state;
  if (!decided.failed)
    if (auto now = left(*s.env, s.who)) self->send(s.index_writer, std::move(*now));
  auto how = decided.failed ? detail::outcome{*decided.failed} : detail::answered{{0, s.at, 0, {}}, {}};
  self->send(s.gateway, query_answer{s.number, std::make_shared<const detail::outcome>(std::move(how))});
  self->quit(caf::exit_reason::normal);
}

}  // namespace

caf::behavior unhosted_skip(self_ptr self, const environment& env, const follow_ports& ports, std::string who, position at, reply_address to) {
  self->state = {&env, std::move(who), at, to.number, (*ports.recipients)[to.to], ports.index_writer};
  self->send(ports.drainer, keep{{store::skip_decision(self->state.who, at, env.now())}, {self}, at});
  return {[self](const kept& decided) { end(self, decided); }};
}

}  // namespace annals::actors
