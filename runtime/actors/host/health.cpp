// The condition of the runtime: health, and waiting until it has settled.
#include "actors/host/engine.hpp"

#include <algorithm>

namespace annals {

bool health::well() const {
  const auto runs = [](const projection_health& p) { return !p.stopped && p.parked == 0 && p.held == 0; };
  const auto hands_out = [](const subscription_health& s) { return !s.stopped && s.parked == 0; };
  return !storage_full && !journal_stopped && std::all_of(subscriptions.begin(), subscriptions.end(), hands_out) &&
         std::all_of(projections.begin(), projections.end(), runs) && std::all_of(processes.begin(), processes.end(), runs);
}

namespace detail {

annals::health engine::health() const {
  annals::health now;
  now.durable = env_.log->durable();
  now.readable = env_.log->readable();
  now.in_flight = gateway_->in_flight();
  now.aggregates_resident = env_.alive.resident;
  now.commits = env_.alive.commits;
  now.storage_full = env_.alive.storage_full();
  const auto of = [](const actors::follower_cell& cell) {
    const auto at = cell.condition();
    return projection_health{cell.name,
                             at.at,
                             at.under_way,
                             at.stopped ? std::optional{*at.stopped} : std::nullopt,
                             at.parked,
                             at.rebuilt_to,
                             at.held ? at.held->size() : 0};
  };
  for (const auto& p : projections_) now.projections.push_back(of(*p.cell));
  for (const auto& p : processes_) now.processes.push_back(of(*p.cell));
  for (const auto& cell : subscriptions()) {
    const std::lock_guard of_cell{cell->shown_mutex};
    now.subscriptions.push_back(cell->shown);
  }
  if (!closed_) now.journal_stopped = env_.news.ended();
  return now;
}

bool engine::is_settled() const {
  const auto head = env_.log->readable();
  if (gateway_->in_flight() > 0 || env_.log->durable() != head) return false;
  for (const auto& p : processes_) {
    const auto now = p.cell->condition();
    if (now.at != head || now.under_way > 0) return false;
  }
  // If one of them did something while the others were checked, the head has moved or a command is in flight.
  return env_.log->durable() == head && gateway_->in_flight() == 0;
}

result<void> engine::settle(std::chrono::milliseconds time_out) const {
  if (!may_wait()) return must_not_wait("settle()");
  if (!begun_) return error{errc::misuse, "settle() was called before start()"};
  result<void> stopped;
  const auto waited = env_.news.wait(time_out, [&] {
    if (is_settled()) return true;
    for (const auto& p : processes_) {
      if (const auto why = p.cell->condition().stopped) stopped = *why;
    }
    return !stopped;
  });
  if (!waited && waited.error().code == errc::timed_out) return error{errc::timed_out, "the runtime has not settled"};
  if (auto ended = env_.news.ended()) return std::move(*ended);
  return waited ? stopped : waited;
}

}  // namespace detail
}  // namespace annals
