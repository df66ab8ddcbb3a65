#include "connectors/sink/worker.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace annals::connectors {
namespace {

timestamp now() { return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch()).count(); }

std::chrono::milliseconds pause_after(const failure_policy& policy, std::uint32_t attempts) {
  pauses growing{policy.first_pause, std::chrono::seconds{10}};
  auto pause = growing.next();
  for (std::uint32_t n = 1; n < attempts; ++n) pause = growing.next();
  return pause;
}

parked_row row_of(const record_view& of, std::string why, std::uint32_t attempts) {
  const auto first = of.at - of.index;
  return {{of.at, std::string{of.stream}, std::move(why), attempts, now()}, first, first + std::max<std::uint16_t>(of.count, 1) - 1};
}

}  // namespace

void worker::run() {
  while (begin()) {
    auto next = then::go_on;
    while (next == then::go_on) {
      const auto taken = next_ ? std::exchange(next_, std::nullopt) : parts_.from.take(number_, parts_.to.batch_max, parts_.to.check_every);
      if (taken)
        next = taken->up_to == 0 ? check() : handle(*taken);
      else
        next = then::end;
    }
    if (next == then::end) return;
  }
}

/// Connects if need be, and looks, until that has gone well. Returns whether to go on.
bool worker::begin() {
  while (!parts_.until.is_stopped()) {
    auto next = then::go_on;
    if (!database_) {
      if (auto made = parts_.to.connect(parts_.until))
        database_ = std::move(*made);
      else
        next = wait(std::move(made).error());
    }
    if (database_) next = look();
    if (next != then::look_again) return next == then::go_on;
  }
  return false;
}

worker::then worker::wait(error why) {
  database_.reset();
  if (why.code != errc::unreachable) return end(std::move(why));
  parts_.told.change([&](board& b) { b.of(parts_.which).waiting[number_] = why; });
  return parts_.until.pause(pauses_.next()) ? then::look_again : then::end;
}

worker::then worker::end(error why) {
  parts_.told.change([&](board& b) {
    auto& mine = b.of(parts_.which);
    if (!mine.stopped) mine.stopped = std::move(why);
  });
  return then::end;
}

worker::then worker::look() {
  auto found = database_->look(parts_.which);
  if (!found) return wait(std::move(found).error());
  auto& state = *found;
  const bool is_gone = !state || state->shape != parts_.to.shape || state->slots.size() != slot_count;
  if (is_gone) {
    parts_.told.change([&](board& b) { b.of(parts_.which).is_gone = true; });
    return then::end;
  }
  places_ = state->slots;
  skipped_ = std::move(state->skipped);
  parked_streams_.clear();
  for (const auto& row : state->parked) parked_streams_.emplace(row.event.stream, row.event.at);
  pauses_.begin_again();
  next_.reset();
  parts_.from.go_back(number_, lowest() + 1);
  parts_.told.change([&](board& b) {
    auto& mine = b.of(parts_.which);
    mine.waiting.erase(number_);
    std::erase_if(mine.parked, [&](const auto& entry) { return is_mine(slot_of(entry.second.event.stream)); });
    for (auto& row : state->parked)
      if (is_mine(slot_of(row.event.stream))) mine.parked.emplace(row.event.at, std::move(row));
    for (std::uint32_t slot = 0; slot < slot_count; ++slot)
      if (is_mine(slot)) mine.slots[slot] = {true, places_[slot].at, mine.slots[slot].at == places_[slot].at ? mine.slots[slot].time : 0};
    if (parts_.which == generation::live && !b.counted.start && std::all_of(mine.slots.begin(), mine.slots.end(), [](auto& s) { return s.is_known; }))
      b.counted.start = mine.lowest();
  });
  return then::go_on;
}

position worker::lowest() const {
  position found = ~position{0};
  for (std::uint32_t slot = 0; slot < slot_count; ++slot)
    if (is_mine(slot)) found = std::min(found, places_[slot].at);
  return found;
}

worker::then worker::check() {
  std::vector<slot_move> mine;
  for (std::uint32_t slot = 0; slot < slot_count; ++slot)
    if (is_mine(slot)) mine.push_back({slot, places_[slot], places_[slot]});
  auto how = database_->check(parts_.which, mine);
  switch (how.how) {
    case outcome::kind::done: return then::go_on;
    case outcome::kind::moved: return then::look_again;
    case outcome::kind::waits: return wait(std::move(*how.why));
    case outcome::kind::refused:
    case outcome::kind::stopped: return end(std::move(*how.why));
  }
  return then::go_on;
}

worker::work worker::what_is_new(const chunk& one) const {
  work found;
  for (const auto& event : one.events)
    if (event.record.at > places_[event.slot].at && !skipped_.contains(event.record.at)) found.events.push_back(&event);
  found.up_to = one.up_to;
  found.time = one.time;
  return found;
}

std::vector<const held_event*> worker::read_ahead() {
  if (!next_) next_ = parts_.from.take(number_, parts_.to.batch_max, std::chrono::milliseconds{0});
  if (next_ && next_->up_to == 0) next_.reset();
  const bool is_sure = next_ && parked_streams_.empty() && failing_.attempts == 0;
  return is_sure ? what_is_new(*next_).events : std::vector<const held_event*>{};
}

worker::then worker::handle(const chunk& one) {
  const auto done = lowest();
  if (one.up_to <= done) return then::go_on;  // read for another worker, or settled by another process
  if (one.from > done + 1) {
    next_.reset();
    parts_.from.go_back(number_, done + 1);
    return then::go_on;
  }
  auto left = what_is_new(one);
  for (bool moved = false; !moved;) {
    if (failing_.attempts > 0 && !failing_.is_given_up && left.done < left.events.size() && left.events[left.done]->record.at == failing_.at &&
        !parts_.until.pause(pause_after(parts_.to.on_failure, failing_.attempts)))
      return then::end;
    const auto prepared = next_step(left);
    moved = left.done + prepared.events == left.events.size();
    const auto begun = std::chrono::steady_clock::now();
    auto how = database_->commit(parts_.which, prepared.what, [&] { return moved ? read_ahead() : std::vector<const held_event*>{}; });
    const auto took = std::chrono::steady_clock::now() - begun;
    if (parts_.which == generation::live) parts_.told.change([&](board& b) { b.counted.batch_duration.add(took); });
    auto next = then::go_on;
    switch (how.how) {
      case outcome::kind::done: next = took_effect(left, prepared); break;
      case outcome::kind::moved: return then::look_again;
      case outcome::kind::refused:
        moved = false;
        next = was_refused(left, prepared, how);
        break;
      case outcome::kind::waits: return wait(std::move(*how.why));
      case outcome::kind::stopped: return end(std::move(*how.why));
    }
    if (next != then::go_on) return next;
  }
  return then::go_on;
}

/// What is parked without being tried, or after its last attempt.
std::optional<parked_row> worker::to_park(const held_event& one, const std::map<std::string, position, std::less<>>& also) const {
  if (failing_.is_given_up && one.record.at == failing_.at) return row_of(one.record, failing_.why, failing_.attempts);
  if (parts_.to.on_failure.then != on_failure::park_stream) return std::nullopt;
  for (const auto* streams : {&parked_streams_, &also})
    if (const auto found = streams->find(one.record.stream); found != streams->end() && found->second < one.record.at)
      return row_of(one.record, detail::waits_for(found->second), 0);
  return std::nullopt;
}

worker::prepared worker::next_step(const work& of) const {
  prepared made;
  made.events = std::min(of.at_most, of.events.size() - of.done);
  std::map<std::string, position, std::less<>> parked_now;
  std::vector<bool> parks(slot_count);
  for (auto i = of.done; i < of.done + made.events; ++i) {
    const auto& event = *of.events[i];
    if (auto row = to_park(event, parked_now)) {
      parked_now.emplace(row->event.stream, row->event.at);
      parks[event.slot] = true;
      made.what.park.push_back(std::move(*row));
    } else {
      made.what.apply.push_back(&event);
      made.indexes.push_back(i);
    }
  }
  const auto rest = of.done + made.events;
  const auto to = rest == of.events.size() ? of.up_to : of.events[rest]->record.at - 1;
  for (std::uint32_t slot = 0; slot < slot_count; ++slot)
    if (is_mine(slot))
      made.what.moves.push_back({slot, places_[slot], {std::max(places_[slot].at, to), places_[slot].changes + (parks[slot] ? 1 : 0)}});
  return made;
}

worker::then worker::took_effect(work& of, const prepared& one) {
  of.done += one.events;
  of.at_most = static_cast<std::size_t>(-1);
  for (const auto& move : one.what.moves) places_[move.slot] = move.to;
  for (const auto& row : one.what.park) parked_streams_.emplace(row.event.stream, row.event.at);
  const bool failed_one_is_settled = failing_.attempts > 0 && places_[number_].at >= failing_.at;
  if (failed_one_is_settled) failing_ = {};
  parts_.told.change([&](board& b) {
    auto& mine = b.of(parts_.which);
    for (const auto& move : one.what.moves) mine.slots[move.slot] = {true, move.to.at, of.time};
    for (const auto& row : one.what.park) mine.parked.emplace(row.event.at, row);
    if (parts_.which == generation::next) return;
    b.counted.applied += one.what.apply.size();
    b.counted.parked += one.what.park.size();
  });
  return then::go_on;
}

worker::then worker::was_refused(work& of, const prepared& one, const outcome& how) {
  auto which = how.which ? std::optional{one.indexes.at(*how.which)} : std::nullopt;
  if (!which && one.what.apply.size() == 1) which = one.indexes.front();
  if (!which) {  // as with a constraint that is checked at the end
    if (one.events <= 1) return end(*how.why);
    of.at_most = one.events / 2;
    return then::go_on;
  }
  const auto& event = *of.events[*which];
  if (failing_.at != event.record.at) failing_ = {event.record.at, 0, {}, false};
  ++failing_.attempts;
  failing_.why = how.why->message();
  parts_.told.change([&](board& b) { b.counted.failed += parts_.which == generation::live; });
  of.at_most = std::max<std::size_t>(*which - of.done, 1);
  return failing_.attempts < parts_.to.on_failure.attempts ? then::go_on : give_up(event);
}

worker::then worker::give_up(const held_event& one) {
  const error why{errc::projection_failed, "an event could not be applied", failing_.why, 0, one.record.at};
  if (parts_.to.on_failure.then == on_failure::stop) return end(why);
  std::size_t parked = 0;
  parts_.told.change([&](board& b) { parked = b.of(parts_.which).parked.size(); });
  if (parked >= parts_.to.parked_max) return end({errc::projection_failed, "more events are parked than parked_max", failing_.why, 0, one.record.at});
  failing_.is_given_up = true;
  return then::go_on;
}

}  // namespace annals::connectors
