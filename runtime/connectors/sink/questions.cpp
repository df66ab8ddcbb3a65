// What a sink is asked while it runs: to wait, and to decide about parked events.
#include "connectors/sink/keeper.hpp"

#include <algorithm>
#include <chrono>

namespace annals::connectors {
namespace {

using steady = std::chrono::steady_clock;

/// Far times are as good as never, and do not overflow.
steady::time_point after(std::chrono::milliseconds time) {
  return steady::now() + std::clamp<std::chrono::milliseconds>(time, std::chrono::milliseconds{0}, std::chrono::hours{24 * 365});
}

error closed() { return {errc::closed, "the sink is closed"}; }

/// The parked event of the command that wrote this position.
std::optional<error> parked_at(const progress& of, position at) {
  for (const auto& [position, row] : of.parked)
    if (row.command_first <= at && at <= row.command_last)
      return error{errc::parked, "an event of this command is parked", row.event.error, 0, position};
  return std::nullopt;
}

}  // namespace

result<void> keeper::wait_for(token until, std::chrono::milliseconds time_out) {
  if (auto no = usable()) return std::move(*no);
  const auto limit = after(time_out);
  std::unique_lock lock{told_.mutex};
  std::optional<result<void>> answer;
  const auto decide = [&] {
    if (told_.is_closed)
      answer = closed();
    else if (told_.history != 0 && until.history != 0 && until.history != told_.history)
      answer = error{errc::history_differs, "the token belongs to another history of this log"};
    else if (told_.history != 0 && told_.live.lowest() >= until.at) {
      auto no = parked_at(told_.live, until.at);
      answer = no ? result<void>{std::move(*no)} : result<void>{};
    } else if (told_.stopped)
      answer = *told_.stopped;
    return answer.has_value();
  };
  if (told_.changed.wait_until(lock, limit, decide)) return std::move(*answer);
  return error{errc::timed_out, "the sink has not come so far", to_->kind + " " + to_->name, 0, told_.live.lowest()};
}

result<void> keeper::wait_for_rebuild(std::chrono::milliseconds time_out) {
  if (auto no = usable()) return std::move(*no);
  const auto limit = after(time_out);
  std::unique_lock lock{told_.mutex};
  std::optional<result<void>> answer;
  const auto decide = [&] {
    if (told_.is_closed)
      answer = closed();
    else if (told_.stopped)
      answer = *told_.stopped;
    else if (told_.history != 0 && !told_.next && !told_.rebuild_is_wanted)
      answer = told_.rebuild_failed ? result<void>{*told_.rebuild_failed} : result<void>{};
    return answer.has_value();
  };
  if (told_.changed.wait_until(lock, limit, decide)) return std::move(*answer);
  return error{errc::timed_out, "the rebuild has not ended", to_->kind + " " + to_->name, 0, told_.next ? told_.next->lowest() : 0};
}

result<void> keeper::rebuild() {
  if (auto no = usable()) return std::move(*no);
  result<void> done;
  told_.change([&](board& b) {
    if (b.is_closed)
      done = closed();
    else if (!b.next || b.stopped) {
      b.rebuild_is_wanted = true;
      b.rebuild_failed.reset();
      b.stopped.reset();
    }
  });
  return done;
}

std::vector<parked_event> keeper::parked() {
  std::vector<parked_event> list;
  if (usable()) return list;
  const std::lock_guard lock{told_.mutex};
  for (const auto& [at, row] : told_.live.parked) list.push_back(row.event);
  return list;
}

/// If the sink has stopped at this event, it goes on.
bool keeper::go_on_from(position at) {
  bool goes_on = false;
  told_.change([&](board& b) {
    goes_on = b.stopped && b.stopped->place == at && at != 0;
    if (goes_on) b.stopped.reset();
  });
  return goes_on;
}

result<void> keeper::retry(position at) {
  if (auto no = usable()) return std::move(*no);
  if (go_on_from(at)) return {};
  return settle_parked(at, true);
}

result<void> keeper::skip(position at) {
  if (auto no = usable()) return std::move(*no);
  auto done = settle_parked(at, false);
  if (done) go_on_from(at);
  return done;
}

result<held_event> keeper::read(position at) const {
  std::optional<held_event> found;
  const auto read = log_.log(at, 1, [&](const record_view& record) {
    if (record.at == at) found.emplace(record);
    return false;
  });
  if (!read) return read.error();
  if (!found) return error{errc::not_found, "there is no such position", {}, 0, at};
  return std::move(*found);
}

result<void> keeper::settle_parked(position at, bool by_applying) {
  std::string stream;
  const auto find = [&](board& b) {
    if (const auto found = b.live.parked.find(at); found != b.live.parked.end()) stream = found->second.event.stream;
  };
  told_.change(find);
  auto done = settle_one(at, by_applying);
  if (!done || !by_applying || to_->on_failure.then != on_failure::park_stream) return done;
  // Those that waited for it, in order.
  std::vector<position> later;
  told_.change([&](board& b) {
    for (const auto& [position, row] : b.live.parked)
      if (position > at && row.event.stream == stream) later.push_back(position);
  });
  for (const auto one : later)
    if (auto ok = settle_one(one, true); !ok) return ok;
  return {};
}

result<void> keeper::settle_one(position at, bool by_applying) {
  auto event = read(at);
  if (!event) return std::move(event).error();
  const auto slot = event->slot;
  auto database = to_->connect(stopper_);
  if (!database) return std::move(database).error();
  bool is_stopped_there = false;
  told_.change([&](board& b) { is_stopped_there = !by_applying && b.stopped && b.stopped->place == at; });
  while (!stopper_.is_stopped()) {
    auto state = (*database)->look(generation::live);
    if (!state) return std::move(state).error();
    if (!*state) return error{errc::not_found, "the database has nothing of this sink", {}, 0, at};
    const auto& parked = (*state)->parked;
    const auto row = std::find_if(parked.begin(), parked.end(), [&](auto& one) { return one.event.at == at; });
    if (row == parked.end() && !is_stopped_there) return error{errc::not_found, "no such event is parked", {}, 0, at};
    if (by_applying && to_->on_failure.then == on_failure::park_stream)
      for (const auto& one : parked)
        if (one.event.at < at && one.event.stream == row->event.stream)
          return error{errc::misuse, "an earlier event of its stream is parked", row->event.stream, 0, one.event.at};
    const auto place = (*state)->slots.at(slot);
    step one;
    one.moves.push_back({slot, place, {place.at, place.changes + 1}});
    one.unpark.push_back(at);
    if (by_applying)
      one.apply.push_back(&*event);
    else
      one.skip.push_back(at);
    auto how = (*database)->commit(generation::live, one, [] { return std::vector<const held_event*>{}; });
    switch (how.how) {
      case outcome::kind::done:
        told_.change([&](board& b) {
          b.live.parked.erase(at);
          if (row != parked.end()) ++(by_applying ? b.counted.retried : b.counted.skipped);
        });
        return {};
      case outcome::kind::moved: break;
      case outcome::kind::refused: return error{errc::projection_failed, "the event has failed again", how.why->message(), 0, at};
      case outcome::kind::waits:
      case outcome::kind::stopped: return std::move(*how.why);
    }
  }
  return closed();
}

}  // namespace annals::connectors

namespace annals {

sink::sink(std::shared_ptr<connectors::keeper> in) : in_(std::move(in)) {}
sink::sink(sink&&) noexcept = default;
sink& sink::operator=(sink&& other) noexcept {
  if (this != &other) {
    if (in_) in_->close();
    in_ = std::move(other.in_);
  }
  return *this;
}
sink::~sink() {
  if (in_) in_->close();
}

sink_status sink::status() const {
  if (in_) return in_->status();
  return {0, 0, 0, std::nullopt, connectors::closed(), std::nullopt};
}
result<void> sink::wait_for(token until, std::chrono::milliseconds time_out) const {
  return in_ ? in_->wait_for(until, time_out) : connectors::closed();
}
std::vector<parked_event> sink::parked() const { return in_ ? in_->parked() : std::vector<parked_event>{}; }
result<void> sink::retry(position at) { return in_ ? in_->retry(at) : connectors::closed(); }
result<void> sink::skip(position at) { return in_ ? in_->skip(at) : connectors::closed(); }
result<void> sink::rebuild() { return in_ ? in_->rebuild() : connectors::closed(); }
result<void> sink::wait_for_rebuild(std::chrono::milliseconds time_out) const { return in_ ? in_->wait_for_rebuild(time_out) : connectors::closed(); }
annals::metrics sink::metrics() const { return in_ ? in_->metrics() : annals::metrics{}; }
void sink::close() {
  if (in_) in_->close();
}

}  // namespace annals
