#include "actors/processes/timers.hpp"

#include "actors/processes/command_ids.hpp"
#include "store/read/stream_table.hpp"

#include <algorithm>

namespace annals::actors {

using namespace annals::detail;

void timers::follow(const record_view& record, timer_set what, timestamp now, timestamp steady) {
  (void)clock_.follow(now, steady);
  open_timer timer{record};
  timer.what = std::move(what);
  timer.instance = &instances_.add(record.stream, record.version, record.at);
  timer.due = clock_.steady_at(timer.what.due);
  due_.emplace(timer.due, record.at);
  timers_.emplace(record.at, std::move(timer));
}

void timers::follow(const record_view& record, const timer_fired& what) {
  if (const auto at = instances_.find(record.stream, what.set); at != 0) drop(at);
}

void timers::follow(const record_view& record, const timers_cancelled& what) {
  for (const auto at : instances_.of(record.stream))
    if (timers_.at(at).what.timer == what.timer) drop(at);
}

std::optional<timestamp> timers::next_due() const {
  for (const auto& [due, at] : due_)
    if (const auto& timer = timers_.at(at); timer.now == step::set && !timer.due_head && parked_->lets_pass(*timer.instance, at)) return due;
  return std::nullopt;
}

void timers::tick(timestamp steady, position observed, position head, bool is_sending_again) {
  for (auto i = due_.begin(); i != due_.end() && i->first <= steady; ++i) {
    auto& timer = timers_.at(i->second);
    if (!timer.due_head) timer.due_head = head;
    if (timer.now == step::set && observed >= *timer.due_head && !is_sending_again) fire(i->second, timer);
  }
}

void timers::fire(position at, open_timer& timer) {
  firing_.remove(timer.number);
  const bool may_fire = parked_->lets_pass(*timer.instance, at);
  timer.now = may_fire ? step::queued : step::set;
  if (may_fire) to_fire_.push_back(at);
}

std::optional<outgoing> timers::next(time_point now) {
  while (!to_fire_.empty()) {
    const auto at = to_fire_.front();
    to_fire_.pop_front();
    const auto found = timers_.find(at);
    if (found != timers_.end() && found->second.now == step::queued) return message_for(at, found->second, now);
  }
  return std::nullopt;
}

outgoing timers::message_for(position at, open_timer& timer, time_point now) {
  timer.now = step::firing;
  timer.number = firing_.add(at, now);
  timer.body = encoded(fire_timer{timer.set, timer.what.timer, timer.what.body.bytes});
  causation_ = causation_of(at);
  outgoing made;
  auto& cmd = made.what;
  cmd.type = &table_->instance;
  cmd.stream = *timer.instance;
  cmd.stream_hash = store::hash_of_stream(cmd.stream);
  cmd.name = fire_timer::about.name;
  cmd.body = timer.body;
  cmd.causation = causation_;
  cmd.correlation = timer.from.correlation;
  cmd.principal = timer.from.principal;
  cmd.reply = {self_, timer.number};
  if (tracing_ && timer.from.trace.sampled) {
    tracing_->give_up(timer.span);
    timer.span = tracing_->follow(timer.from.trace, timer.from.time, span_kind::consumer, "observe", table_->instance.category, cmd.stream);
    cmd.set_trace(timer.span->id);
  }
  return made;
}

consequence timers::answered(const answer& reply, timestamp now) {
  const auto found = firing_.find(reply.number);
  if (!found) return {};
  const auto at = *found;
  auto& timer = timers_.at(at);
  if (timer.span) tracing_->close(timer.span, closed_by(reply));
  if (!reply.refused) {
    late_.push_back(std::max<timestamp>(0, added(now, -timer.what.due)));
    return drop(at), consequence{};
  }
  const auto code = reply.refused->code;
  if (is_closing(code)) return {};
  if (is_passing(code)) return fire(at, timer), consequence{};
  if (!parking::is_parkable(code)) return {*reply.refused, {}, at};
  firing_.remove(timer.number);
  const auto verdict = parked_->failed(*timer.instance, at, *reply.refused, now);
  timer.now = verdict.waits ? step::set : step::failed;  // `set` waits while another input blocks the instance
  return {verdict.stop, verdict.pause, at};
}

void timers::resend(time_point since) {
  for (const auto at : firing_.sent_before(since)) fire(at, timers_.at(at));
}

void timers::again(position at) {
  const auto found = timers_.find(at);
  if (found != timers_.end() && found->second.now == step::failed) fire(at, found->second);
}

void timers::resume(const std::string& instance) {
  for (const auto at : instances_.of(instance))
    if (auto& timer = timers_.at(at); timer.now == step::failed) timer.now = step::set;
}

bool timers::is_trying(position at) const {
  const auto found = timers_.find(at);
  return found != timers_.end() && (found->second.now == step::queued || found->second.now == step::firing);
}

std::vector<position> timers::open() const {
  std::vector<position> all;
  for (const auto& [at, timer] : timers_) all.push_back(at);
  return all;
}

void timers::drop(position at) {
  const auto found = timers_.find(at);
  if (found == timers_.end()) return;
  parked_->passed(at);
  auto& timer = found->second;
  firing_.remove(timer.number);
  due_.erase({timer.due, at});
  instances_.remove(*timer.instance, timer.set);
  timers_.erase(found);
}

}  // namespace annals::actors
