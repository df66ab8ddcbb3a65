// What comes back to a dispatcher: answers of targets, which the instance is told of, answers of instances, and none.
#include "actors/processes/command_ids.hpp"
#include "actors/processes/dispatcher.hpp"
#include "actors/processes/messages.hpp"
#include "store/read/stream_table.hpp"

#include <algorithm>

namespace annals::actors {

using namespace annals::detail;

namespace {

bool passes(errc code) {
  return code == errc::unknown || code == errc::overloaded || code == errc::storage_full;
}
bool closing(errc code) { return code == errc::closed || code == errc::not_written; }
/// The record that said what an instance cannot take.
error stopped_at(position at, error why) {
  why.place = at;
  return why;
}

}  // namespace

bool dispatcher::take(caf::event_based_actor* self, const answer& reply, std::uint64_t& next_number,
                      std::optional<error>& stop) {
  if (const auto found = asked_.find(reply.number); found != asked_.end()) {
    const auto at = found->second;
    if (sends_.at(at).now == step::asked)
      heard(self, at, reply, next_number);
    else if (!reply.refused)
      close(at);
    else if (passes(reply.refused->code))
      tell(self, at, next_number);
    else if (parking::is_parkable(reply.refused->code)) {
      auto& send = sends_.at(at);
      asked_.erase(std::exchange(send.number, 0));
      fail(self, send.instance, at, *reply.refused, stop);
    } else if (!closing(reply.refused->code))
      stop = stopped_at(at, *reply.refused);
    return true;
  }
  if (const auto found = firing_.find(reply.number); found != firing_.end()) {
    const auto at = found->second;
    if (!reply.refused)
      drop_timer(at);
    else if (passes(reply.refused->code))
      fire_one(self, at, next_number);
    else if (parking::is_parkable(reply.refused->code)) {
      auto& timer = timers_.at(at);
      firing_.erase(std::exchange(timer.number, timer_failed));
      if (!fail(self, timer.instance, at, *reply.refused, stop)) timer.number = 0;
    } else if (!closing(reply.refused->code))
      stop = stopped_at(at, *reply.refused);
    return true;
  }
  return false;
}

/// The target has answered, or nobody can know.
void dispatcher::heard(caf::event_based_actor* self, position at, const answer& reply, std::uint64_t& next_number) {
  auto& send = sends_.at(at);
  if (!reply.refused && reply.events > 0) return close(at);
  if (reply.refused && closing(reply.refused->code)) return;
  if (reply.refused && reply.refused->code == errc::load_failed) return hold(at, *reply.refused);
  --attempts_;
  asked_.erase(send.number);
  const bool is_taken = reply.refused && reply.refused->code == errc::id_reused && send.has_old_id;
  if (is_taken) give_own_id(at);
  if (is_taken || (reply.refused && passes(reply.refused->code))) {
    send.now = step::ready;
    ready_.insert(at);
    return;
  }
  take_answer told{send.sent, send.what.to, send.what.command, send.what.body.bytes, !reply.refused, {}, {}};
  if (reply.refused) {
    const auto& why = *reply.refused;
    told.code = why.code == errc::rejected ? why.reason : std::string{to_string(why.code)};
    told.detail = why.detail;
    // Nobody's decision: the target threw, or cannot take the command. The instance is told all the same, and perhaps does not listen.
    if (why.code != errc::rejected)
      env_->report("process manager " + std::string{table_->instance.category},
                   {why.code, send.what.command + " to " + send.what.to + " failed", why.message(), 0, at});
  }
  send.now = step::telling;
  send.told = encoded(told);
  tell(self, at, next_number);
}

void dispatcher::tell(caf::event_based_actor* self, position at, std::uint64_t& next_number) {
  auto& send = sends_.at(at);
  asked_.erase(std::exchange(send.number, 0));
  if (!parked_->lets_pass(send.instance, at)) return;
  send.number = next_number++;
  send.since = self->clock().now();
  asked_.emplace(send.number, at);
  send_to_instance(send.instance, take_answer::about.name, send.told, at, send.from, send.number);
}

void dispatcher::send_to_instance(const std::string& instance, std::string_view name, const std::string& body, position at,
                                  const provenance& from, std::uint64_t number) {
  command cmd;
  cmd.type = &table_->instance;
  cmd.stream = instance;
  cmd.stream_hash = store::hash_of_stream(cmd.stream);
  cmd.name = name;
  cmd.body = body;
  const auto causation = causation_of(at);
  cmd.causation = causation;
  cmd.correlation = from.correlation;
  cmd.principal = from.principal;
  cmd.reply = {self_, number};
  commands_->send(cmd);
}

void dispatcher::send_again(caf::event_based_actor* self, caf::actor_clock::time_point since, std::uint64_t& next_number) {
  std::vector<position> late;
  for (const auto& [number, at] : asked_)
    if (sends_.at(at).since < since) late.push_back(at);
  std::sort(late.begin(), late.end());
  for (const auto at : late) {
    if (sends_.at(at).now == step::telling)
      tell(self, at, next_number);
    else
      ask(self, at, next_number);
  }
  late.clear();
  for (const auto& [number, at] : firing_)
    if (timers_.at(at).since < since) late.push_back(at);
  std::sort(late.begin(), late.end());
  for (const auto at : late) fire_one(self, at, next_number);
}

bool dispatcher::fail(caf::event_based_actor* self, const std::string& instance, position at, const error& why,
                      std::optional<error>& stop) {
  const auto verdict = parked_->failed(instance, at, why, env_->now());
  if (verdict.stop) stop = stopped_at(at, *verdict.stop);
  if (verdict.pause) self->delayed_send(self, *verdict.pause, input_again{at});
  return !verdict.waits;
}

bool dispatcher::is_trying(position at) const {
  if (const auto send = sends_.find(at); send != sends_.end()) return send->second.now == step::telling && send->second.number != 0;
  const auto timer = timers_.find(at);
  return timer != timers_.end() && timer->second.number != 0 && timer->second.number != timer_failed;
}

void dispatcher::again(caf::event_based_actor* self, position at, std::uint64_t& next_number) {
  if (const auto send = sends_.find(at); send != sends_.end()) {
    if (send->second.now == step::telling && send->second.number == 0) tell(self, at, next_number);
  } else if (const auto timer = timers_.find(at); timer != timers_.end() && timer->second.number == timer_failed)
    fire_one(self, at, next_number);
}

void dispatcher::resume(caf::event_based_actor* self, const std::string& instance, std::uint64_t& next_number) {
  std::vector<position> held_back;
  for (const auto& [at, send] : sends_)
    if (send.instance == instance && send.now == step::telling && send.number == 0) held_back.push_back(at);
  for (const auto at : held_back) tell(self, at, next_number);
  for (auto& [at, timer] : timers_)
    if (timer.instance == instance && timer.number == timer_failed) timer.number = 0;
}

}  // namespace annals::actors
