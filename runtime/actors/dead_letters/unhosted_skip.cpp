// Lives from the call until it has answered.
//
//   takes   control_written   from the drainer: the decision is durable, or why not
//   sends   write_control     to the drainer
//           parked_now        to the index writer
//           query_answer      to the caller
#include "actors/dead_letters/unhosted_skip.hpp"

#include "actors/base/messages.hpp"
#include "actors/dead_letters/errors.hpp"
#include "actors/upkeep/messages.hpp"
#include "store/log/owner_names.hpp"
#include "store/log/skip_table.hpp"

#include <optional>
#include <utility>

namespace annals::actors {
namespace {

using unhosted_skip_ptr = caf::stateful_actor<unhosted_skip_state>*;

/// The events that stay parked. Earlier skips are read from the control table, because the index may not have them yet.
result<parked_now> left(const environment& env, const std::string& owner) {
  auto skipped = store::skipped_before(*env.log, owner);
  if (!skipped) return std::move(skipped).error();
  parked_now all{owner, {}};
  auto read = env.derived->parked([&](std::string_view of, const parked_event& one) {
    if (of == owner && !skipped->contains(one.at)) all.events.push_back(one);
    return true;
  });
  if (!read) return std::move(read).error();
  return all;
}

void end(unhosted_skip_ptr self, const control_written& decided) {
  const auto& s = self->state;
  if (!decided.failed)
    if (auto now = left(*s.env, s.owner)) self->send(s.ports.index_writer, std::move(*now));
  self->send(s.ports.caller, decided.failed ? refusal(s.number, *decided.failed) : answer_at(s.number, s.at));
  self->quit(caf::exit_reason::normal);
}

}  // namespace

result<std::string> unhosted_owner(const store::parked_table& table, std::string_view name, position at) {
  const auto process = store::owner_name::of_process(name).stored();
  std::optional<parked_event> found;
  std::string owner;
  auto read = table.parked([&](std::string_view of, const parked_event& one) {
    if (one.at != at || (of != name && of != process) || store::owner_name::spoken(name) != name) return true;
    owner = of;
    found = one;
    return false;
  });
  if (!read) return std::move(read).error();
  if (!found) return nothing_parked(at);
  if (owner == process && found->attempts == 0) return error{errc::misuse, "the instance is blocked by another parked event", found->error, 0, at};
  return owner;
}

caf::behavior unhosted_skip(unhosted_skip_ptr self, const environment& env, unhosted_skip_ports ports, std::string owner, position at,
                            std::uint64_t number) {
  self->state = {&env, std::move(ports), std::move(owner), at, number};
  self->send(self->state.ports.drainer, write_control{{store::skip_decision(self->state.owner, at, env.now())}, {self}, at});
  return {[self](const control_written& decided) { end(self, decided); }};
}

}  // namespace annals::actors
