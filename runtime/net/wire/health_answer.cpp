#include "net/wire/health_answer.hpp"

#include <utility>

namespace annals::net {
namespace {

std::optional<error_text> as_text(const std::optional<error>& why) {
  if (!why) return std::nullopt;
  return error_text{static_cast<std::uint16_t>(why->code), why->reason, why->detail, why->place};
}

std::optional<error> as_error(std::optional<error_text>&& from) {
  if (!from) return std::nullopt;
  return error{static_cast<errc>(from->code), std::move(from->reason), std::move(from->detail), 0, from->place};
}

std::vector<follower_answer> as_answers(const std::vector<projection_health>& all) {
  std::vector<follower_answer> made;
  for (const auto& p : all) made.push_back({p.name, p.at, p.under_way, as_text(p.stopped), p.parked, p.rebuilt_to, p.held});
  return made;
}

std::vector<projection_health> as_healths(std::vector<follower_answer>&& all) {
  std::vector<projection_health> made;
  for (auto& p : all) made.push_back({std::move(p.name), p.at, p.under_way, as_error(std::move(p.stopped)), p.parked, p.rebuilt_to, p.held});
  return made;
}

}  // namespace

health_answer as_answer(const health& now) {
  health_answer made{now.durable,
                     now.readable,
                     now.in_flight,
                     now.aggregates_resident,
                     now.commits,
                     now.storage_full,
                     as_text(now.journal_stopped),
                     as_answers(now.projections),
                     as_answers(now.processes),
                     {}};
  for (const auto& s : now.subscriptions) made.subscriptions.push_back({s.name, s.at, s.members, s.in_flight, s.parked, as_text(s.stopped)});
  return made;
}

health as_health(health_answer from) {
  health made;
  made.durable = from.durable;
  made.readable = from.readable;
  made.in_flight = from.in_flight;
  made.aggregates_resident = from.aggregates_resident;
  made.commits = from.commits;
  made.storage_full = from.storage_full;
  made.journal_stopped = as_error(std::move(from.journal_stopped));
  made.projections = as_healths(std::move(from.projections));
  made.processes = as_healths(std::move(from.processes));
  for (auto& s : from.subscriptions)
    made.subscriptions.push_back({std::move(s.name), s.at, s.members, s.in_flight, s.parked, as_error(std::move(s.stopped))});
  return made;
}

}  // namespace annals::net
